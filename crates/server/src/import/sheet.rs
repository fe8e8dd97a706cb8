//! Spreadsheets (XLSX): the first sheet, as the comma-separated text the other readers take. A row
//! is a line, so a refused one is named by the number the operator sees beside it.
//!
//! A sheet is packed, and a few bytes may unpack to more than any memory, or name a cell so far out
//! that the space before it does. So all of it is unpacked once and counted before it is read, and
//! the sheet is read cell by cell, never as a whole rectangle.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use zip::ZipArchive;

use super::Error;

/// The largest file.
const LARGEST: u64 = 256 << 20;
/// The most that all of it may unpack to.
const MOST_UNPACKED: u64 = 1 << 30;
/// So many times its size at most, where it is more than a little: sheets of real shops pack to a
/// tenth or a twentieth of their size, and nothing but a bomb to a thousandth.
const MOST_TIMES: u64 = 250;
/// What may unpack to any number of times its size.
const LITTLE: u64 = 16 << 20;
/// The most columns of a sheet.
const MOST_COLUMNS: u32 = 1_000;
/// The most text that a sheet may come to.
const MOST_TEXT: usize = 1 << 30;

/// Reads the first sheet.
pub fn as_csv(source: impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| Error::from_io(&error, 1))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::SheetTooLarge { what: "the file is larger than 256 MB".to_owned() });
    }
    check_unpacked(&bytes)?;
    let unreadable = |error: calamine::XlsxError| Error::NoSheet { why: error.to_string() };
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let name = book.sheet_names().first().cloned().ok_or(Error::Empty)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut text = Vec::new();
    // The row being written and how many of its columns are; rows without cells are lines too. The
    // heading, the first row with a cell, says where the columns begin and how many they are.
    let (mut row, mut columns) = (0, 0);
    let mut heading: Option<(u32, u32)> = None;
    let mut width = 0;
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (at, column) = cell.get_position();
        let value = Data::from(cell.get_value().clone());
        if matches!(value, Data::Empty) {
            continue;
        }
        let (headed, first) = *heading.get_or_insert((at, column));
        let wrong =
            |why: &str| Err(Error::NoSheet { why: format!("cell {} {why}", place(at, column)) });
        if at < row || (at == row && column < first + columns) {
            return wrong("comes after later ones");
        }
        if column < first {
            return wrong("stands left of the heading");
        }
        if column >= MOST_COLUMNS {
            let cell = place(at, column);
            let what = format!("cell {cell} lies beyond column {MOST_COLUMNS}");
            return Err(Error::SheetTooLarge { what });
        }
        if at > row {
            end_row(&mut text, columns, width);
            text.resize(text.len() + (at - row) as usize, b'\n');
            (row, columns) = (at, 0);
        }
        // Between this cell and the last one of its row lie those that are empty.
        let commas = column - first - columns + u32::from(columns > 0);
        text.resize(text.len() + commas as usize, b',');
        write(&mut text, &shown(&value));
        columns = column - first + 1;
        if at == headed {
            width = columns;
        }
        if text.len() > MOST_TEXT {
            let what = format!("its text down to row {} is over 1 GB", at + 1);
            return Err(Error::SheetTooLarge { what });
        }
    }
    if heading.is_none() {
        return Err(Error::Empty);
    }
    end_row(&mut text, columns, width);
    text.push(b'\n');
    Ok(text)
}

/// A row has as many columns as the heading, though its last cells be empty; a row without any is an
/// empty line.
fn end_row(text: &mut Vec<u8>, columns: u32, width: u32) {
    if columns > 0 {
        text.resize(text.len() + width.saturating_sub(columns) as usize, b',');
    }
}

/// Unpacks everything once and counts it, whatever the file says of its sizes.
fn check_unpacked(bytes: &[u8]) -> Result<(), Error> {
    let unreadable = |why: String| Error::NoSheet { why };
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(error.to_string()))?;
    let times = (bytes.len() as u64).saturating_mul(MOST_TIMES);
    let most = times.clamp(LITTLE, MOST_UNPACKED);
    let mut left = most;
    for number in 0..archive.len() {
        let file = archive.by_index(number).map_err(|error| unreadable(error.to_string()))?;
        let read = std::io::copy(&mut file.take(left + 1), &mut std::io::sink())
            .map_err(|error| unreadable(error.to_string()))?;
        let Some(rest) = left.checked_sub(read) else {
            let what = if most == MOST_UNPACKED {
                format!("it unpacks to more than {} MB", MOST_UNPACKED >> 20)
            } else {
                format!("it unpacks to more than {MOST_TIMES} times its size")
            };
            return Err(Error::SheetTooLarge { what });
        };
        left = rest;
    }
    Ok(())
}

/// A cell's name as a spreadsheet shows it: row 3, column 28 is `AB3`.
fn place(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect::<String>() + &(row + 1).to_string()
}

/// A cell in quotation marks; a line's end inside would shift the numbers of the lines.
fn write(text: &mut Vec<u8>, cell: &str) {
    text.push(b'"');
    for byte in cell.bytes() {
        match byte {
            b'"' => text.extend_from_slice(b"\"\""),
            b'\n' | b'\r' => text.push(b' '),
            byte => text.push(byte),
        }
    }
    text.push(b'"');
}

/// A cell as a person would type it: whole numbers without a point, moments as text.
fn shown(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::Int(number) => number.to_string(),
        // Eleven digits of a telephone number are a float to a spreadsheet.
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        Data::Float(number) => number.to_string(),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            match (hour, minute, second) {
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => {
                    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
                }
            }
        }
        Data::DateTime(number) => number.as_f64().to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Error(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sheet_is_told_as_such() {
        let error = as_csv(b"order_id,customer_id\n".as_slice()).unwrap_err();
        assert!(matches!(error, Error::NoSheet { .. }), "{error}");
    }

    /// A workbook whose only sheet holds these rows, with `extra` bytes of zeros beside it.
    fn book(rows: &str, extra: usize) -> Vec<u8> {
        use std::io::Write;
        const SPREADSHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
        let relation = |kind: &str, target: &str| {
            format!(
                "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" \
                 Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>"
            )
        };
        let package = relation("officeDocument", "xl/workbook.xml");
        let parts = relation("worksheet", "worksheets/sheet1.xml");
        let workbook = format!(
            "<workbook xmlns=\"{SPREADSHEET}\" xmlns:r=\"{OFFICE}\"><sheets>\
             <sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
        );
        let sheet =
            format!("<worksheet xmlns=\"{SPREADSHEET}\"><sheetData>{rows}</sheetData></worksheet>");
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        let zeros = vec![0; extra];
        for (name, content) in [
            ("_rels/.rels", package.as_bytes()),
            ("xl/workbook.xml", workbook.as_bytes()),
            ("xl/_rels/workbook.xml.rels", parts.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            ("xl/media/picture.bin", &zeros),
        ] {
            archive.start_file(name, options).unwrap();
            archive.write_all(content).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn cell(name: &str, text: &str) -> String {
        format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    }

    #[test]
    fn rows_and_columns_stay_where_they_are() {
        let rows = format!(
            "<row r=\"2\">{}{}{}</row><row r=\"5\">{}{}</row><row r=\"6\">{}</row>",
            cell("B2", "id"),
            cell("C2", "name"),
            cell("E2", "city"),
            cell("C5", "x"),
            cell("E5", "y"),
            cell("B6", "z"),
        );
        let text = String::from_utf8(as_csv(&book(&rows, 0)[..]).unwrap()).unwrap();
        assert_eq!(text, "\n\"id\",\"name\",,\"city\"\n\n\n,\"x\",,\"y\"\n\"z\",,,\n");
        let left = format!(
            "<row r=\"1\">{}</row><row r=\"2\">{}</row>",
            cell("B1", "id"),
            cell("A2", "x")
        );
        let error = as_csv(&book(&left, 0)[..]).unwrap_err();
        assert!(error.to_string().contains("cell A2 stands left"), "{error}");
        assert!(matches!(as_csv(&book("", 0)[..]), Err(Error::Empty)));
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_before_it_is_read() {
        let rows = format!("<row r=\"1\">{}</row>", cell("A1", "id"));
        assert!(as_csv(&book(&rows, 8 << 20)[..]).is_ok(), "a little may pack well");
        let error = as_csv(&book(&rows, 64 << 20)[..]).unwrap_err();
        insta::assert_snapshot!(error, @"the spreadsheet is too large: it unpacks to more than 250 times its size; save it as CSV, or in parts");
    }

    #[test]
    fn a_cell_far_out_costs_nothing_and_is_named() {
        let far = |name: &str| format!("<row>{}{}</row>", cell("A1", "id"), cell(name, "x"));
        let error = as_csv(&book(&far("XFD1048576"), 0)[..]).unwrap_err();
        insta::assert_snapshot!(error, @"the spreadsheet is too large: cell XFD1048576 lies beyond column 1000; save it as CSV, or in parts");
        let down = as_csv(&book(&far("A1048576"), 0)[..]).unwrap();
        assert_eq!(down.iter().filter(|byte| **byte == b'\n').count(), 1_048_576);
        let back = format!("<row>{}{}</row>", cell("C3", "x"), cell("B3", "y"));
        let error = as_csv(&book(&back, 0)[..]).unwrap_err();
        assert!(error.to_string().contains("cell B3"), "{error}");
    }

    #[test]
    fn cells_are_typed_as_a_person_would() {
        for (cell, wanted) in [
            (Data::Float(13_800_138_000.0), "13800138000"),
            (Data::Float(59.9), "59.9"),
            (Data::Int(7), "7"),
            (Data::Bool(true), "true"),
            (Data::Empty, ""),
            (Data::String("油性 \"皮肤\"".to_owned()), "油性 \"皮肤\""),
        ] {
            assert_eq!(shown(&cell), wanted);
        }
        let mut text = Vec::new();
        write(&mut text, "a\"b\nc");
        assert_eq!(text, b"\"a\"\"b c\"");
    }
}
