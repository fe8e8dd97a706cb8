//! Orders as a shop's own system exports them: comma-separated, columns by name.

use std::io::BufRead;

use delivery::view::OrderLine;

use super::table::{Line, Table};
use super::{Error, Parsed, value};

const WANTED: &str = "order_id, customer_id, time, amount and items";

struct Columns {
    order_id: usize,
    customer_id: usize,
    time: usize,
    amount: usize,
    items: usize,
}

/// Reads a file of orders; columns beside the five are left alone.
pub fn orders(source: impl BufRead) -> Result<Parsed<OrderLine>, Error> {
    let table = Table::open(source)?;
    let columns = Columns {
        order_id: table.required("order_id", WANTED)?,
        customer_id: table.required("customer_id", WANTED)?,
        time: table.required("time", WANTED)?,
        amount: table.required("amount", WANTED)?,
        items: table.required("items", WANTED)?,
    };
    table.rows(|_, line| columns.order(line))
}

impl Columns {
    fn order(&self, line: &Line<'_>) -> Result<OrderLine, String> {
        Ok(OrderLine {
            key: line.name_in(self.order_id)?.to_owned(),
            customer: line.name_in(self.customer_id)?.to_owned(),
            at: line.read(self.time, value::moment)?,
            amount_cents: line.read(self.amount, value::cents)?,
            items: line.read(self.items, value::pieces)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_in_any_order_and_case() {
        let text = "Items,AMOUNT,note,Time,order_id,customer_id\n\
                    2,59.90,\"gift, wrapped\",2026-03-02 10:00,A1,C0000123\n";
        let parsed = orders(text.as_bytes()).unwrap();
        assert_eq!((parsed.lines, parsed.refused), (1, 0));
        assert_eq!(
            parsed.rows,
            [OrderLine {
                key: "A1".into(),
                customer: "C0000123".into(),
                at: "2026-03-02T10:00:00+08:00".parse().unwrap(),
                amount_cents: 5990,
                items: 2,
            }]
        );
    }

    #[test]
    fn a_missing_column_is_one_clear_error() {
        let error = orders("order_id,customer,time,amount,items\n".as_bytes()).unwrap_err();
        insta::assert_snapshot!(error, @"the heading has no column `customer_id`; it has order_id, customer, time, amount, items, and order_id, customer_id, time, amount and items are needed");
    }

    #[test]
    fn every_bad_line_is_told_with_its_number_and_column() {
        let text = b"order_id,customer_id,time,amount,items\n\
            1,C1,2026-03-02,1.00,1\n\
            ,C1,2026-03-02,1.00,1\n\
            3,C1,yesterday,1.00,1\n\
            4,C1,2026-03-02,1.005,1\n\
            5,C1,2026-03-02,1.00,one\n\
            6,C1,2026-03-02,1.00\n\
            7,\xc4\xe3,2026-03-02,1.00,1\n\
            8,C1,2026-03-02,1.00,1\n";
        let parsed = orders(text.as_slice()).unwrap();
        assert_eq!((parsed.lines, parsed.rows.len(), parsed.refused), (8, 2, 6));
        let told: Vec<String> =
            parsed.errors.iter().map(|told| format!("{}: {}", told.line, told.error)).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        3: `order_id` is empty; every line needs one
        4: `time` is "yesterday"; it must be a time such as 2026-03-02, 2026-03-02 10:00:00, 20260302 or 2026-03-02T10:00:00+08:00
        5: `amount` is "1.005"; it must be an amount with at most two decimals such as 59.90
        6: `items` is "one"; it must be a whole number up to 1,000,000 such as 2
        7: the line has 4 columns and the heading 5; they must agree
        8: `customer_id` is not UTF-8; save the file as CSV with UTF-8
        "#);
    }

    #[test]
    fn only_the_first_thousand_refusals_are_told_and_all_are_counted() {
        let text = format!("order_id,customer_id,time,amount,items\n{}", "x\n".repeat(2_500));
        let parsed = orders(text.as_bytes()).unwrap();
        assert_eq!((parsed.refused, parsed.errors.len()), (2_500, 1_000));
        assert_eq!(parsed.errors.last().unwrap().line, 1_001);
    }
}
