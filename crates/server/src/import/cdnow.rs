//! The public CDNOW sample: customer, yyyymmdd, number, dollars, separated by blanks.
//!
//! Its lines carry no order number and a customer may have several on one day, so an order is
//! named by customer, day and the running number of the customer's line in the file. The name does
//! not depend on other customers' lines, and the same file gives the same names again.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};

use delivery::view::{FactOrder, Who};

use super::clean::Clean;
use super::{Error, Parsed, value};

/// Reads a file of this layout; dollars are taken as yuan would be.
pub fn orders(source: impl BufRead) -> Result<Parsed<(u64, FactOrder)>, Error> {
    let mut reader = BufReader::with_capacity(1 << 16, Clean::new(source));
    let mut parsed = Parsed::new();
    let mut lines_of: HashMap<String, u32> = HashMap::new();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = reader.read_until(b'\n', &mut bytes);
        match read.map_err(|error| Error::from_io(&error, number))? {
            0 if number == 1 => return Err(Error::Empty),
            0 => break,
            _ => reader.get_mut().record_read(),
        }
        let outcome = match std::str::from_utf8(&bytes).map(str::trim) {
            Ok("") => continue,
            Ok(line) if number == 1 && is_heading(line) => continue,
            Ok(line) => order(line, &mut lines_of),
            Err(_) => Err("the line is not UTF-8".to_owned()),
        };
        parsed.add(number, outcome.map(|order| (number, order)));
    }
    Ok(parsed)
}

/// A heading has no digits in its first column; copies of the sample without one are about.
fn is_heading(line: &str) -> bool {
    line.split_whitespace().next().is_some_and(|first| !first.contains(|c: char| c.is_numeric()))
}

fn order(line: &str, lines_of: &mut HashMap<String, u32>) -> Result<FactOrder, String> {
    let mut columns = line.split_whitespace();
    let columns = (columns.next(), columns.next(), columns.next(), columns.next(), columns.next());
    let (Some(customer), Some(day), Some(pieces), Some(dollars), None) = columns else {
        let found = line.split_whitespace().count();
        return Err(format!(
            "the line has {found} columns; customer, day, number and dollars are 4"
        ));
    };
    // Counted before the rest is read: a corrected line must not rename those that follow it.
    let running = match lines_of.get_mut(customer) {
        Some(lines) => {
            *lines += 1;
            *lines
        }
        None => {
            lines_of.insert(customer.to_owned(), 1);
            1
        }
    };
    if customer.len() > 64 {
        return Err(value::refusal("customer", customer, "at most 64 bytes long"));
    }
    let read = |column, found, wanted| value::refusal(column, found, wanted);
    let at = value::day(day).map_err(|wanted| read("day", day, wanted))?.start();
    let items = value::pieces(pieces).map_err(|wanted| read("number", pieces, wanted))?;
    let amount_cents = value::cents(dollars).map_err(|wanted| read("dollars", dollars, wanted))?;
    let key = format!("cdnow:{customer}:{day}:{running}");
    let who = Who::CustomerId(customer.to_owned());
    Ok(FactOrder {
        key,
        who,
        at,
        amount_cents,
        items: Some(items),
        refunded_cents: 0,
        lines: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "   id     date number dollars\r\n\
        00001 19970101 1 11.77\r\n\
        00002 19970112 1 12.00\r\n\
        00002 19970112 5 77.00\r\n\
        00003 19970102 2 20.76\r\n";

    #[test]
    fn several_orders_of_a_day_have_names_of_their_own() {
        let parsed = orders(SAMPLE.as_bytes()).unwrap();
        assert_eq!((parsed.lines, parsed.refused), (4, 0));
        let keys: Vec<&str> = parsed.rows.iter().map(|(_, row)| row.key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "cdnow:00001:19970101:1",
                "cdnow:00002:19970112:1",
                "cdnow:00002:19970112:2",
                "cdnow:00003:19970102:1"
            ]
        );
        assert_eq!(parsed.rows[2].1.amount_cents, 7700);
        assert_eq!(parsed.rows[2].1.items, Some(5));
        assert_eq!(parsed.rows[2].1.at, "1997-01-12".parse().unwrap());
        assert_eq!(orders(SAMPLE.as_bytes()).unwrap().rows, parsed.rows);
    }

    #[test]
    fn a_file_without_its_heading_loses_no_order() {
        let (_, without) = SAMPLE.split_once("\r\n").unwrap();
        assert_eq!(orders(without.as_bytes()).unwrap().rows.len(), 4);
    }

    #[test]
    fn an_empty_file_is_an_error_and_a_heading_alone_is_not() {
        assert!(matches!(orders(b"".as_slice()), Err(Error::Empty)));
        assert_eq!(orders("id date number dollars\n".as_bytes()).unwrap().lines, 0);
    }

    #[test]
    fn a_bad_line_is_told_and_does_not_rename_the_next() {
        let text =
            "id date number dollars\n00002 1997-01-12 1 12.00\n\n00002 19970112 5 77.00\n1 2\n";
        let parsed = orders(text.as_bytes()).unwrap();
        assert_eq!(parsed.rows[0].1.key, "cdnow:00002:19970112:2");
        let told: Vec<String> =
            parsed.errors.iter().map(|told| format!("{}: {}", told.line, told.error)).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        2: `day` is "1997-01-12"; it must be a day such as 20260302
        5: the line has 2 columns; customer, day, number and dollars are 4
        "#);
    }
}
