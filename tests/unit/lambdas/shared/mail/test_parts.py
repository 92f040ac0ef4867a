from lambdas.shared.mail import parts

HEAD = b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n"


def tree(raw):
    def shape(part):
        return [part.content_type, *map(shape, part.children)] if part.children else raw[part.start : part.end]

    structure = parts.read(raw)
    return shape(structure.root), structure.doubts


def test_parts_end_before_the_line_end_of_the_delimiter():
    assert tree(HEAD + b"preamble\n--b\n\none\n--b\n\ntwo\n\n--b--\nepilogue\n") == (
        ["multipart/mixed", b"one", b"two\n"],
        [],
    )
    assert tree(HEAD.replace(b"\n", b"\r\n") + b"--b\r\n\r\none\r\n--b--\r\n") == (["multipart/mixed", b"one"], [])


def test_an_outer_delimiter_ends_the_inner_parts():
    raw = HEAD + b"--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n"
    assert tree(raw) == (["multipart/mixed", ["multipart/alternative", b"one"], b"two"], [])


def test_a_boundary_may_start_with_another():
    raw = HEAD + b"--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\none\n--bb--\n--b\n\ntwo\n--b--\n"
    assert tree(raw) == (["multipart/mixed", ["multipart/mixed", b"one"], b"two"], [])


def test_parts_behind_the_last_delimiter_are_not_lost():
    assert tree(HEAD + b"--b\n\none\n--b--\n--b\n\ntwo\n")[0] == ["multipart/mixed", b"one", b"two\n"]


def test_a_part_without_an_empty_line_is_not_swallowed():
    assert tree(HEAD + b"--b\n--b\n\ntwo\n--b--\n")[0] == ["multipart/mixed", b"", b"two"]


def test_another_boundary_than_the_header_names_is_found():
    shape, doubts = tree(HEAD.replace(b"=b", b"=other") + b"--real\n\none\n--real--\n")
    assert shape == ["multipart/mixed", b"one"]
    assert doubts == ["the boundary in the header is not in the body"]


def test_a_multipart_without_parts_is_its_text():
    assert tree(HEAD + b"only text\n")[0] == b"only text\n"


def test_what_is_in_a_message_is_another_mail():
    raw = HEAD + b"--b\nContent-Type: message/rfc822\n\n" + HEAD.replace(b"=b", b"=i") + b"--i\n\nx\n--i--\n--b--\n"
    root = parts.read(raw).root
    assert [(part.content_type, part.children) for part in root.children] == [("message/rfc822", [])]


def test_empty_lines_and_the_mark_of_utf_8_may_stand_first():
    assert parts.read(b"\xef\xbb\xbfSubject: x\n\nhi").root.fields.text("Subject") == "x"
    assert parts.read(b"\r\n\nSubject: x\n\nhi").root.fields.text("Subject") == "x"
