//! From the body of a request to a file that can be read on a thread of its own, at the pace at
//! which it arrives: a slow reader slows the sender down instead of filling the memory.

use std::io::{self, BufRead, BufReader};

use axum::body::Body;
use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::stream::{Stream, StreamExt};
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::Error;

/// The largest file taken in one request.
const LARGEST: u64 = 2 << 30;
/// How a reader is told that the file is larger.
pub const TOO_LARGE: io::ErrorKind = io::ErrorKind::FileTooLarge;

/// Reads the body with `parse` while it arrives.
pub async fn read<T, F>(body: Body, parse: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(Box<dyn BufRead>) -> Result<T, Error> + Send + 'static,
{
    let pieces = body.into_data_stream().map_err(io::Error::other);
    let bridge = SyncIoBridge::new(StreamReader::new(limited(pieces, LARGEST)));
    tokio::task::spawn_blocking(move || parse(Box::new(BufReader::with_capacity(1 << 16, bridge))))
        .await?
}

fn limited<S>(pieces: S, limit: u64) -> impl Stream<Item = io::Result<Bytes>> + Unpin
where
    S: Stream<Item = io::Result<Bytes>> + Unpin,
{
    let mut left = limit;
    pieces.map(move |piece| {
        let piece = piece?;
        left = left.checked_sub(piece.len() as u64).ok_or(io::Error::from(TOO_LARGE))?;
        Ok(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    #[tokio::test]
    async fn a_body_past_the_limit_is_an_error_and_not_a_shorter_file() {
        let pieces = ["12345", "67890", "1"].map(|text| Ok(Bytes::from_static(text.as_bytes())));
        let read: Vec<_> = limited(stream::iter(pieces), 10).collect().await;
        assert!(read[0].is_ok() && read[1].is_ok());
        let error = read[2].as_ref().unwrap_err();
        assert!(matches!(Error::from_io(error, 1), Error::TooLarge));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_gives_no_rows() {
        let pieces = [
            Ok(Bytes::from_static(b"order_id,customer_id,time,amount,items\n1,a,2026-03-02,1,1\n")),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ];
        let body = Body::from_stream(stream::iter(pieces));
        let outcome = read(body, super::super::cdnow::orders).await;
        assert!(matches!(outcome, Err(Error::BrokenOff)));
    }
}
