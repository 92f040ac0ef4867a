import click

from local.up import main


@click.command()
def up() -> None:
    """Run the whole system on this laptop until Ctrl-C.

    The same as `make up`: starts the embedded AWS, deploys the stacks to it and prints its addresses.
    """
    main()
