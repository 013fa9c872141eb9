"""Tables of offices are read in pieces, whatever their encoding and their head, or refused."""

from __future__ import annotations

import tracemalloc
import zipfile

import openpyxl
import pytest

from siteopt.errors import LayerError, LayerFileError
from siteopt.sources.fetching.table_files import TableForm, matching, plain_name, table_pieces

WANTED = [["단지명"], ["분양가(만원/㎡)", "분양가(원/㎡)"]]
TEXT = "단지명,분양가(원/㎡),비고\n가,100,\n나,200,x\n"


def rows(path, wanted=WANTED, **form):
    pieces = list(table_pieces(path, wanted, form=TableForm(**form)))
    return [row for piece in pieces for row in piece.itertuples(name=None)]


def csv_file(path, text, encoding="utf-8"):
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def workbook(path, *sheets, **named):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, cells in (*enumerate(sheets), *named.items()):
        sheet = book.create_sheet(str(title))
        for row in cells:
            sheet.append(row)
    book.save(path)
    return path


def test_names_are_compared_without_blanks_case_and_forms():
    assert plain_name(" 분양가 (만원/㎡)") == plain_name("분양가(만원/m2)")
    assert matching(["GRADE"], ["a", "Grade "]) == "Grade "
    assert matching(["GRADE"], ["a"]) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_texts_of_both_encodings(tmp_path, encoding):
    path = csv_file(tmp_path / "a.csv", TEXT, encoding)
    assert rows(path) == [(2, "가", "100"), (3, "나", "200")]


def test_titles_above_the_names_and_empty_lines_are_passed_over(tmp_path):
    text = f"산업단지 분양 현황,,\n,,\n{TEXT}"
    assert rows(csv_file(tmp_path / "a.csv", text))[0] == (4, "가", "100")


def test_a_file_without_a_line_of_names(tmp_path):
    path = csv_file(tmp_path / "a.txt", "2021^다사5351^12\n")
    found = rows(path, [["code"], ["n"]], separator="^", header=("year", "code", "n"))
    assert found == [(1, "다사5351", "12")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TEXT.replace("비고", "단지명").encode(), r"a\.csv: column 단지명 appears twice"),
        (TEXT.replace("비고", "단 지명").encode(), "column 단지명 appears twice"),
        (TEXT.replace("단지명", "이름").encode(), "no column 단지명; there are 이름, 분양가"),
        (b"", "no column 단지명; there are none"),
        (TEXT.splitlines(keepends=True)[0].encode(), "no rows below the column names"),
        (TEXT.replace("200,x", "200").encode(), "row 3: 2 cells below 3 column names"),
        (TEXT.encode() + "다,3,y\n".encode("cp949"), r"neither UTF-8 \(line 4 is not\) nor CP949"),
        (TEXT.encode("utf-16"), "UTF-16 text"),
        (TEXT.encode().replace(b"100", b"1\0"), "neither UTF-8"),
        (b"PK\x03\x04rest", "an Excel workbook or a ZIP archive under a wrong suffix"),
        (b"%PDF-1.7", "a PDF"),
        (TEXT.encode() + b'"' + b"x" * 200_000, "is a quotation mark left open"),
    ],
)  # fmt: skip
def test_texts_that_are_no_table_are_refused_in_one_line(tmp_path, content, said):
    with pytest.raises(LayerError, match=said) as caught:
        rows(csv_file(tmp_path / "a.csv", content))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(LayerFileError):
        rows(tmp_path / "a.csv")


def test_a_large_table_takes_the_memory_of_a_piece(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w", encoding="cp949") as out:
        out.write("단지명,분양가(원/㎡),비고\n")
        for block in range(20):
            out.write(f"가,{block},{'긴 글 ' * 30}\n" * 5_000)
    assert path.stat().st_size > 12_000_000
    tracemalloc.start()
    count = sum(len(piece) for piece in table_pieces(path, WANTED))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000
    assert peak < path.stat().st_size


def test_a_workbook_with_merged_heads(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [["무관"], [1]],
        [["2026년 현황"], ["단지명", "분양가", None, "면적"], [None, "(원/㎡)", "(평당)", None],
         ["가", 100.0, 5, None], [], ["나", 200.5, 6, 7]],
    )  # fmt: skip
    assert rows(path) == [(4, "가", "100"), (6, "나", "200.5")]
    with pytest.raises(LayerError, match="no sheet 셋; there are 0, 1"):
        rows(path, sheet="셋")


def test_merged_heads_are_made_of_merged_cells(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["변전소명", "여유용량(MW)", None], [None, "2029년", "2030년"], ["안좌", 1, 2]):
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    book.save(tmp_path / "a.xlsx")
    pieces = table_pieces(tmp_path / "a.xlsx", [["변전소명"]], more=lambda name: "20" in name)
    assert list(next(pieces).columns) == ["변전소명", "여유용량(MW) 2029년", "여유용량(MW) 2030년"]


def test_formulas_count_by_their_value_and_need_one(tmp_path):
    import xlsxwriter  # noqa: PLC0415 - writes formulas with their values

    for name, value in (("with.xlsx", 300), ("without.xlsx", "")):
        book = xlsxwriter.Workbook(tmp_path / name)
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["단지명", "분양가(원/㎡)"])
        sheet.write_row(1, 0, ["가"])
        sheet.write_formula(1, 1, "=100*3", None, value)
        book.close()
    assert rows(tmp_path / "with.xlsx") == [(2, "가", "300")]
    plain = openpyxl.Workbook()  # a formula without any value
    for row in (["단지명", "분양가(원/㎡)"], ["가", "=100*3"]):
        plain.active.append(row)
    plain.save(tmp_path / "never.xlsx")
    with pytest.raises(LayerError, match=r"row 2: the formula =100\*3 has no value; open and save"):
        rows(tmp_path / "never.xlsx")


def with_member(path, name, content):
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as out:
        out.writestr(name, content)
    return path


def test_workbooks_that_are_refused(tmp_path):
    good = [["단지명", "분양가(원/㎡)"], ["가", 1]]
    macros = with_member(workbook(tmp_path / "m.xlsx", good), "xl/vbaProject.bin", b"x")
    with pytest.raises(LayerError, match=r"m\.xlsx: holds macros"):
        rows(macros)
    large = with_member(workbook(tmp_path / "l.xlsx", good), "xl/media/a.bin", b"\0" * 30_000_000)
    with pytest.raises(LayerError, match="expands to far more than it should"):
        rows(large)
    entities = with_member(
        workbook(tmp_path / "e.xlsx", good), "xl/a.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"
    )
    with pytest.raises(LayerError, match="declares entities"):
        rows(entities)
    with pytest.raises(LayerError, match="an old or a protected Excel workbook"):
        rows(csv_file(tmp_path / "o.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600))
    with pytest.raises(LayerError, match="not an Excel workbook"):
        rows(csv_file(tmp_path / "n.xlsx", b"no workbook"))
    with zipfile.ZipFile(tmp_path / "z.xlsx", "w") as out:
        out.writestr("a.txt", b"x")
    with pytest.raises(LayerError, match="cannot be read as a workbook"):
        rows(tmp_path / "z.xlsx")
