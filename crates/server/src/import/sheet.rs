//! Spreadsheets (XLSX): the first sheet, as the comma-separated text the other readers take. A row
//! is a line, so a refused one is named by the number the operator sees beside it.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};

use super::Error;

/// The largest file; a sheet must be opened whole.
const LARGEST: u64 = 256 << 20;

/// Reads the first sheet.
pub fn as_csv(source: impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| Error::from_io(&error, 1))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::TooLarge);
    }
    let unreadable = |error: calamine::XlsxError| Error::NoSheet { why: error.to_string() };
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheet = book.worksheet_range_at(0).ok_or(Error::Empty)?.map_err(unreadable)?;
    let Some((first_row, _)) = sheet.start() else {
        return Err(Error::Empty);
    };
    let mut text = Vec::new();
    // Rows above the heading count as lines too.
    text.resize(usize::try_from(first_row).unwrap_or_default(), b'\n');
    for row in sheet.rows() {
        if row.iter().all(|cell| matches!(cell, Data::Empty)) {
            text.push(b'\n');
            continue;
        }
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                text.push(b',');
            }
            write(&mut text, &shown(cell));
        }
        text.push(b'\n');
    }
    Ok(text)
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
