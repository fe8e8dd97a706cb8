//! Words, texts, numbers and signs of a segment, each with the column it begins at.

use wire::Day;

use super::{Compare, Error};

/// A piece of a segment's text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Counted in characters from 1.
    pub column: usize,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A word of the language or a plain name.
    Word(String),
    /// A name in backquotes: never a word of the language.
    Quoted(String),
    Text(String),
    Number(f64),
    Date(Day),
    /// `90d`.
    Days(u32),
    /// `48h`.
    Hours(u32),
    /// `10%`.
    Percent(f64),
    Sign(Compare),
    Open,
    Close,
    Comma,
    Dot,
    /// `..`
    To,
    Hash,
    End,
}

impl Kind {
    /// The piece in the words of an error.
    pub fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("{word:?}"),
            Self::Quoted(name) => format!("the name `{name}`"),
            Self::Text(text) => format!("the text {text:?}"),
            Self::Number(number) => format!("the number {number}"),
            Self::Date(day) => format!("the day {day}"),
            Self::Days(days) => format!("\"{days}d\""),
            Self::Hours(hours) => format!("\"{hours}h\""),
            Self::Percent(percent) => format!("\"{percent}%\""),
            Self::Sign(sign) => format!("\"{sign}\""),
            Self::Open => "\"(\"".into(),
            Self::Close => "\")\"".into(),
            Self::Comma => "\",\"".into(),
            Self::Dot => "\".\"".into(),
            Self::To => "\"..\"".into(),
            Self::Hash => "\"#\"".into(),
            Self::End => "the end".into(),
        }
    }
}

/// Cuts a text into tokens; the last is always [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let mut reader = Reader { letters: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    loop {
        while reader.peek().is_some_and(char::is_whitespace) {
            reader.at += 1;
        }
        let column = reader.at + 1;
        let kind = reader.token()?;
        let end = kind == Kind::End;
        tokens.push(Token { column, kind });
        if end {
            return Ok(tokens);
        }
    }
}

/// Whether a name can stand without backquotes, unless it is a word of the language.
pub(super) fn is_plain(name: &str) -> bool {
    name.starts_with(starts_word) && name.chars().all(continues_word)
}

fn starts_word(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

fn continues_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

struct Reader {
    letters: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn next_is(&self, offset: usize, test: impl Fn(char) -> bool) -> bool {
        self.letters.get(self.at + offset).copied().is_some_and(test)
    }

    fn eat(&mut self, letter: char) -> bool {
        let found = self.peek() == Some(letter);
        self.at += usize::from(found);
        found
    }

    fn eat_any(&mut self, letters: &[char]) -> bool {
        letters.iter().any(|letter| self.eat(*letter))
    }

    fn while_is(&mut self, test: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.next_is(0, &test) {
            self.at += 1;
        }
        self.letters[start..self.at].iter().collect()
    }

    /// Chinese full-width signs mean the same as their plain ones.
    fn token(&mut self) -> Result<Kind, Error> {
        let column = self.at + 1;
        let Some(letter) = self.peek() else { return Ok(Kind::End) };
        if starts_word(letter) {
            return Ok(Kind::Word(self.while_is(continues_word)));
        }
        if letter.is_ascii_digit() || (letter == '-' && self.next_is(1, |c| c.is_ascii_digit())) {
            return self.number();
        }
        self.at += 1;
        Ok(match letter {
            '"' => Kind::Text(self.until(&['"'], column)?),
            '“' | '”' => Kind::Text(self.until(&['”', '“'], column)?),
            '「' => Kind::Text(self.until(&['」'], column)?),
            '`' => Kind::Quoted(self.until(&['`'], column)?),
            '(' | '（' => Kind::Open,
            ')' | '）' => Kind::Close,
            ',' | '，' | '、' => Kind::Comma,
            '#' | '＃' => Kind::Hash,
            '.' if self.eat('.') => Kind::To,
            '.' => Kind::Dot,
            '=' | '＝' => {
                self.eat('=');
                Kind::Sign(Compare::Equal)
            }
            '!' | '！' if self.eat_any(&['=', '＝']) => Kind::Sign(Compare::NotEqual),
            '<' | '＜' if self.eat_any(&['=', '＝']) => Kind::Sign(Compare::LessOrEqual),
            '<' | '＜' => Kind::Sign(Compare::Less),
            '>' | '＞' if self.eat_any(&['=', '＝']) => Kind::Sign(Compare::MoreOrEqual),
            '>' | '＞' => Kind::Sign(Compare::More),
            '≠' => Kind::Sign(Compare::NotEqual),
            '≤' => Kind::Sign(Compare::LessOrEqual),
            '≥' => Kind::Sign(Compare::MoreOrEqual),
            other => {
                let wanted = "a word, a \"text\", a number or a sign such as ( ) , = < >";
                return Err(Error::unexpected(column, format!("{other:?}"), wanted));
            }
        })
    }

    /// The rest of a quoted text; a backslash takes the meaning from the letter after it.
    fn until(&mut self, closing: &[char], column: usize) -> Result<String, Error> {
        let mut text = String::new();
        while let Some(letter) = self.peek() {
            self.at += 1;
            match letter {
                '\\' => match self.peek() {
                    Some(escaped) => {
                        self.at += 1;
                        text.push(escaped);
                    }
                    None => break,
                },
                letter if closing.contains(&letter) => return Ok(text),
                letter => text.push(letter),
            }
        }
        let sign = closing.first().copied().unwrap_or('"');
        let wanted = format!("{sign} at the end of the text begun here");
        Err(Error::unexpected(column, "no end of the text", &wanted))
    }

    /// A number, a day or a number of days.
    fn number(&mut self) -> Result<Kind, Error> {
        let (start, column) = (self.at, self.at + 1);
        self.eat('-');
        self.while_is(|c| c.is_ascii_digit());
        let is_day = self.at - start == 4
            && self.next_is(0, |c| c == '-')
            && self.next_is(1, |c| c.is_ascii_digit());
        if is_day {
            self.while_is(|c| c.is_ascii_digit() || c == '-');
        } else if self.next_is(0, |c| c == '.') && self.next_is(1, |c| c.is_ascii_digit()) {
            self.at += 1;
            self.while_is(|c| c.is_ascii_digit());
        }
        let text: String = self.letters[start..self.at].iter().collect();
        let unit = self.while_is(|c| c.is_ascii_alphanumeric() || c == '_');
        if unit.is_empty() && !is_day && self.eat_any(&['%', '％']) {
            let percent = text.parse().ok().filter(|percent: &f64| percent.is_finite());
            let wrong = || Error::unexpected(column, format!("\"{text}%\""), "a smaller number");
            return percent.map(Kind::Percent).ok_or_else(wrong);
        }
        let found = || format!("{:?}", format!("{text}{unit}"));
        if is_day && unit.is_empty() {
            let day = text.len() == 10;
            let day = day.then(|| text.parse().ok()).flatten();
            let wrong = || Error::unexpected(column, found(), "a day such as 2026-03-02");
            return day.map(Kind::Date).ok_or_else(wrong);
        }
        match (unit.as_str(), text.parse::<u32>()) {
            ("", _) => {
                let number: Option<f64> =
                    text.parse().ok().filter(|number: &f64| number.is_finite());
                number
                    .map(Kind::Number)
                    .ok_or_else(|| Error::unexpected(column, found(), "a smaller number"))
            }
            ("d", Ok(days)) => Ok(Kind::Days(days)),
            ("h", Ok(hours)) => Ok(Kind::Hours(hours)),
            _ => {
                let wanted = "a number, or whole days or hours such as 90d or 48h";
                Err(Error::unexpected(column, found(), wanted))
            }
        }
    }
}
