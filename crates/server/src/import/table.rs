//! Comma-separated files with a heading: columns found by name, cells checked for UTF-8, records
//! known by the line of the file they begin on.

use std::io::BufRead;

use csv::ByteRecord;

use super::Error;
use super::clean::Clean;

/// A file whose heading was read.
pub struct Table<R> {
    reader: csv::Reader<Clean<R>>,
    heading: Vec<String>,
    cells: ByteRecord,
}

/// One record.
pub struct Line<'a> {
    heading: &'a [String],
    cells: &'a ByteRecord,
}

impl<R: BufRead> Table<R> {
    /// Reads the heading; its names must be there, and all different.
    pub fn open(source: R) -> Result<Self, Error> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(Clean::new(source));
        let mut cells = ByteRecord::new();
        if !advance(&mut reader, &mut cells)? {
            return Err(Error::Empty);
        }
        let mut heading: Vec<String> = Vec::with_capacity(cells.len());
        for (index, cell) in cells.iter().enumerate() {
            let name = std::str::from_utf8(cell).map_err(|_| Error::HeadingNotUtf8)?.trim();
            if name.is_empty() {
                return Err(Error::NamelessColumn { number: index + 1 });
            }
            if heading.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                return Err(Error::DoubledColumn { column: name.to_owned() });
            }
            heading.push(name.to_owned());
        }
        Ok(Self { reader, heading, cells })
    }

    /// The names of the columns.
    pub fn heading(&self) -> &[String] {
        &self.heading
    }

    /// The next record and the number of its line; none at the end.
    pub fn next_line(&mut self) -> Result<Option<(u64, Line<'_>)>, Error> {
        if !advance(&mut self.reader, &mut self.cells)? {
            return Ok(None);
        }
        let number = first_line(&self.reader, &self.cells);
        Ok(Some((number, Line { heading: &self.heading, cells: &self.cells })))
    }
}

impl Line<'_> {
    /// The cell in this column, without the blanks around it.
    pub fn text(&self, column: usize) -> Result<&str, String> {
        let cell = self.cells.get(column).unwrap_or_default();
        let text = std::str::from_utf8(cell).map_err(|_| {
            format!("`{}` is not UTF-8; save the file as CSV with UTF-8", self.name(column))
        })?;
        Ok(text.trim())
    }

    /// The cell in this column, which must not be empty nor longer than 128 bytes.
    pub fn name_in(&self, column: usize) -> Result<&str, String> {
        match self.text(column)? {
            "" => Err(format!("`{}` is empty; every line needs one", self.name(column))),
            text if text.len() > 128 => Err(format!(
                "`{}` is {} bytes long; at most 128 are taken",
                self.name(column),
                text.len()
            )),
            text => Ok(text),
        }
    }

    /// Reads the cell in this column; an error names the column and what was found.
    pub fn read<T>(
        &self,
        column: usize,
        reader: fn(&str) -> Result<T, &'static str>,
    ) -> Result<T, String> {
        let text = self.text(column)?;
        reader(text).map_err(|wanted| super::value::refusal(self.name(column), text, wanted))
    }

    fn name(&self, column: usize) -> &str {
        self.heading.get(column).map_or("?", String::as_str)
    }

    /// Whether it has as many cells as the heading.
    pub fn whole(&self) -> Result<(), String> {
        let (found, wanted) = (self.cells.len(), self.heading.len());
        if found == wanted {
            return Ok(());
        }
        Err(format!("the line has {found} columns and the heading {wanted}; they must agree"))
    }
}

fn advance<R: BufRead>(
    reader: &mut csv::Reader<Clean<R>>,
    cells: &mut ByteRecord,
) -> Result<bool, Error> {
    let line = reader.position().line();
    let more = reader.read_byte_record(cells).map_err(|error| match error.kind() {
        csv::ErrorKind::Io(error) => Error::from_io(error, line),
        // Records of any width and any bytes are taken, so nothing else can be wrong.
        _ => Error::BrokenOff,
    })?;
    reader.get_mut().record_read();
    Ok(more)
}

/// The line the record at hand began on. The reader stands behind the line's end now, and its own
/// idea of the beginning lies before empty lines.
fn first_line<R: BufRead>(reader: &csv::Reader<Clean<R>>, cells: &ByteRecord) -> u64 {
    let inside = cells.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
    reader.position().line().saturating_sub(1 + inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<(u64, String)> {
        let mut table = Table::open(text.as_bytes()).unwrap();
        let mut found = Vec::new();
        while let Some((number, line)) = table.next_line().unwrap() {
            found.push((number, line.text(0).unwrap().to_owned()));
        }
        found
    }

    #[test]
    fn lines_are_counted_over_blank_ones_quotes_and_windows_ends() {
        let wanted = [(2, "x"), (4, "y\nz"), (7, "last")].map(|(n, t)| (n, t.to_owned()));
        assert_eq!(numbers("a,b\nx,1\n\n\"y\nz\",2\n\nlast,3"), wanted);
        assert_eq!(numbers("\u{feff}a,b\r\nx,1\r\n\r\n\"y\r\nz\",2\r\n\r\nlast,3\r\n"), wanted);
        assert_eq!(numbers("\u{feff}\"a\",\"b\"\nx,1\n\n\"y\nz\",2\n\nlast,3\n"), wanted);
    }

    #[test]
    fn a_heading_must_name_every_column_once() {
        let problem = |text: &[u8]| Table::open(text).err().unwrap().to_string();
        insta::assert_snapshot!(problem(b""), @"the file is empty; its first line must be a heading");
        insta::assert_snapshot!(problem(b"a,,c\n"), @"column 2 has no name in the heading; name it or remove it");
        insta::assert_snapshot!(problem(b"a,b, A\n"), @"the heading has two columns `A`; every column needs a name of its own");
        insta::assert_snapshot!(problem(b"\xc4\xe3,b\n"), @"the heading of the file is not UTF-8");
    }

    #[test]
    fn a_quote_that_is_never_closed_names_the_line_it_began_on() {
        let text = format!("a,b\nx,1\n\"y,{}", "z\n".repeat(super::super::LONGEST_RECORD));
        let mut table = Table::open(text.as_bytes()).unwrap();
        assert!(table.next_line().unwrap().is_some());
        let error = table.next_line().err().unwrap();
        assert!(matches!(error, Error::RecordTooLong { line: 3 }), "{error}");
    }
}
