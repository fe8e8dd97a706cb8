//! What the person watches while long work is done: lines and one moving bar, all on stderr.

use indicatif::{ProgressBar, ProgressStyle};

/// One moving bar with lines above it. Where stderr is no terminal, the lines alone.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar that fills towards a number of `unit`s.
    #[must_use]
    pub fn counting(unit: &str) -> Self {
        Self::styled(&format!(
            "{{msg}} {{wide_bar}} {{human_pos}}/{{human_len}} {unit} {{elapsed}}"
        ))
    }

    /// A bar that fills towards a number of bytes.
    #[must_use]
    pub fn bytes() -> Self {
        Self::styled("{msg} {wide_bar} {bytes}/{total_bytes} {elapsed}")
    }

    fn styled(template: &str) -> Self {
        let bar = ProgressBar::new(0);
        // A template that cannot be read leaves the bar in its usual dress.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Shows `done` of `of`, with `what` before it.
    pub fn show(&self, what: &str, done: u64, of: u64) {
        self.bar.set_length(of.max(done));
        self.bar.set_position(done);
        if self.bar.message() != what {
            self.bar.set_message(what.to_owned());
        }
    }

    /// A line that stays.
    pub fn say(&self, line: &str) {
        if self.bar.is_hidden() {
            eprintln!("{line}");
        } else {
            self.bar.println(line);
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// The bar itself, to count bytes that pass by.
    #[must_use]
    pub fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }
}
