//! What was in orders: who bought a product, when, how many pieces, for how much. A product is
//! known by its number, and by its name too; a name may be that of several.

use wire::Timestamp;

use super::Index;
use super::timeline::{Row, Timeline};

/// A line of an order, as it counts: what was paid for it less what was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLine<'a> {
    /// The shop's number of the product.
    pub sku: &'a str,
    /// What the product is called; empty where that is not told.
    pub name: &'a str,
    /// When the order was made.
    pub at: Timestamp,
    /// How many pieces.
    pub quantity: u32,
    /// What they came to, in cents.
    pub cents: i64,
    /// What was given back of it, in cents.
    pub refunded_cents: i64,
}

impl OrderLine<'_> {
    fn row(self) -> Row {
        let value = self.cents.saturating_sub(self.refunded_cents);
        Row { at: self.at, value, items: self.quantity }
    }
}

impl Index {
    /// Adds a line of an order. Fastest when those of one product come by follower and moment.
    pub fn add_order_line(&mut self, ord: u32, line: OrderLine<'_>) {
        self.know(ord);
        match self.bought.get_mut(line.sku) {
            Some(timeline) => timeline.add(ord, line.row()),
            None => self.bought.entry(line.sku.to_owned()).or_default().add(ord, line.row()),
        }
        if line.name.is_empty() || line.name == line.sku {
            return;
        }
        let known = self.product_names.get(line.name);
        if known.is_none_or(|products| !products.contains(line.sku)) {
            let products = self.product_names.entry(line.name.to_owned()).or_default();
            products.insert(line.sku.to_owned());
        }
    }

    /// A line is different from what was added, such as after a refund; false, and nothing changed,
    /// when the follower has no line like `before`.
    pub fn change_order_line(
        &mut self,
        ord: u32,
        before: OrderLine<'_>,
        after: OrderLine<'_>,
    ) -> bool {
        let timeline = self.bought.get_mut(before.sku);
        timeline.is_some_and(|timeline| timeline.change(ord, before.row(), after.row()))
    }

    /// The lines of a product by its number, and of every product of this name.
    #[must_use]
    pub fn bought(&self, product: &str) -> Vec<&Timeline> {
        let named = self.product_names.get(product).into_iter().flatten();
        let numbers = named.map(String::as_str).filter(|sku| *sku != product);
        let all = std::iter::once(product).chain(numbers);
        all.filter_map(|sku| self.bought.get(sku)).collect()
    }

    /// Every number and every name of a product that somebody bought.
    pub fn products(&self) -> impl Iterator<Item = &str> {
        self.bought.keys().chain(self.product_names.keys()).map(String::as_str)
    }
}
