//! Days that come round every year.

use wire::Day;

/// Whether the day comes round on `today` or one of the `days` after it.
pub(super) fn within(day: Day, today: Day, days: u32) -> bool {
    let year = today.month().0.div_euclid(12);
    let last = today.0.saturating_add(i32::try_from(days).unwrap_or(i32::MAX));
    [year, year + 1]
        .into_iter()
        .filter_map(|year| in_year(day, year))
        .any(|round| (today.0..=last).contains(&round.0))
}

/// 29 February is kept on the 28th in a year without it.
fn in_year(day: Day, year: i32) -> Option<Day> {
    let year = i16::try_from(year).ok()?;
    let month = i8::try_from(day.month().0.rem_euclid(12) + 1).ok()?;
    let of_month = i8::try_from(day.of_month()).ok()?;
    Day::new(year, month, of_month).or_else(|| Day::new(year, month, 28))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(day: &str, today: &str, days: u32) -> bool {
        within(day.parse().unwrap(), today.parse().unwrap(), days)
    }

    #[test]
    fn a_day_comes_round_every_year() {
        assert!(holds("1990-03-02", "2026-03-02", 0));
        assert!(!holds("1990-03-02", "2026-03-01", 0));
        assert!(holds("1990-03-02", "2026-02-23", 7));
        assert!(!holds("1990-03-02", "2026-02-22", 7));
        assert!(holds("1990-01-02", "2026-12-31", 2));
        assert!(!holds("1990-12-30", "2026-12-31", 300));
        assert!(holds("1990-12-30", "2026-12-31", 364));
        assert!(holds("1992-02-29", "2026-02-28", 0));
        assert!(!holds("1992-02-29", "2028-02-28", 0));
        assert!(holds("1992-02-29", "2028-02-29", 0));
        assert!(holds("1990-05-05", "2026-03-02", u32::MAX));
    }
}
