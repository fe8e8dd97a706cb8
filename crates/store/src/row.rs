//! Columns into types. A value that does not read back is damage, named by its column.

use std::fmt::Display;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use wire::Timestamp;

use crate::Error;

/// Typed reads from a row.
pub(crate) trait Columns {
    fn bytes(&self, name: &str) -> Result<Vec<u8>, Error>;
    fn text(&self, name: &str) -> Result<String, Error>;
    fn text_or_none(&self, name: &str) -> Result<Option<String>, Error>;
    fn integer(&self, name: &str) -> Result<i64, Error>;
    fn integer_or_none(&self, name: &str) -> Result<Option<i64>, Error>;

    fn flag(&self, name: &str) -> Result<bool, Error> {
        Ok(self.integer(name)? != 0)
    }

    /// A whole number of a narrower type.
    fn number<N: TryFrom<i64>>(&self, name: &str) -> Result<N, Error> {
        let found = self.integer(name)?;
        N::try_from(found).map_err(|_| Error::corrupt(format!("column {name} holds {found}")))
    }

    fn moment(&self, name: &str) -> Result<Timestamp, Error> {
        Ok(Timestamp(self.integer(name)?))
    }

    fn moment_or_none(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        Ok(self.integer_or_none(name)?.map(Timestamp))
    }

    fn parsed<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Error> {
        parse(name, &self.text(name)?)
    }

    fn parsed_or_none<T: FromStr<Err: Display>>(&self, name: &str) -> Result<Option<T>, Error> {
        self.text_or_none(name)?.map(|text| parse(name, &text)).transpose()
    }
}

impl Columns for SqliteRow {
    fn bytes(&self, name: &str) -> Result<Vec<u8>, Error> {
        Ok(self.try_get(name)?)
    }

    fn text(&self, name: &str) -> Result<String, Error> {
        Ok(self.try_get(name)?)
    }

    fn text_or_none(&self, name: &str) -> Result<Option<String>, Error> {
        Ok(self.try_get(name)?)
    }

    fn integer(&self, name: &str) -> Result<i64, Error> {
        Ok(self.try_get(name)?)
    }

    fn integer_or_none(&self, name: &str) -> Result<Option<i64>, Error> {
        Ok(self.try_get(name)?)
    }
}

/// Stored text into its type.
pub(crate) fn parse<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|error| Error::corrupt(format!("column {name}: {error}")))
}

/// Stored JSON into its type.
pub(crate) fn from_json<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::corrupt(format!("column {name}: {error}")))
}

/// Rows on their way in, as the one JSON parameter of a statement.
pub(crate) fn to_json(rows: &(impl Serialize + ?Sized)) -> Result<String, Error> {
    serde_json::to_string(rows).map_err(|error| {
        // Only a map with keys that are no text, which no caller here builds.
        Error::Database(std::sync::Arc::new(sqlx::Error::Encode(Box::new(error))))
    })
}
