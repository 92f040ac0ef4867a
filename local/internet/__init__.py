"""The internet that functions of the embedded AWS see: a few names, each a stand-in on this machine; nothing else."""
