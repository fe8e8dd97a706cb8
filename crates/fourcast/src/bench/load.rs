//! A load generator: connections that are kept, each asking again as soon as it is answered. The
//! same bytes go to both servers, and nothing of an answer is parsed but its length, so that what
//! the generator costs is the same for both.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Error;

/// Requests as they go over the wire; each connection goes round in them from its own place.
pub type Requests = Arc<Vec<Vec<u8>>>;

/// One POST, ready to be written.
#[must_use]
pub fn post(address: SocketAddr, path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Asks for `time` over `connections` connections; every answer must be 200 and hold `expected`.
/// Gives the answers a second.
///
/// # Errors
/// When a connection breaks or an answer is another.
pub async fn measure(
    address: SocketAddr,
    requests: &Requests,
    connections: usize,
    time: Duration,
    expected: &'static str,
) -> Result<f64, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicU64::new(0));
    let mut running = JoinSet::new();
    for nth in 0..connections {
        let stream = TcpStream::connect(address).await.map_err(Error::failed("connect"))?;
        stream.set_nodelay(true).map_err(Error::failed("set a connection up"))?;
        let (requests, stop, answered) =
            (Arc::clone(requests), Arc::clone(&stop), Arc::clone(&answered));
        running.spawn(async move {
            let mut connection = Connection { stream, held: Vec::with_capacity(4096) };
            let mut at = nth * requests.len() / connections.max(1);
            while !stop.load(Ordering::Relaxed) {
                let Some(request) = requests.get(at % requests.len().max(1)) else { break };
                connection.ask(request, expected).await?;
                answered.fetch_add(1, Ordering::Relaxed);
                at += 1;
            }
            Ok::<(), Error>(())
        });
    }
    let started = Instant::now();
    let before = answered.load(Ordering::Relaxed);
    tokio::time::sleep(time).await;
    let count = answered.load(Ordering::Relaxed) - before;
    let took = started.elapsed();
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = running.join_next().await {
        ended.map_err(Error::failed("drive a connection"))??;
    }
    Ok(count as f64 / took.as_secs_f64())
}

struct Connection {
    stream: TcpStream,
    held: Vec<u8>,
}

impl Connection {
    async fn ask(&mut self, request: &[u8], expected: &str) -> Result<(), Error> {
        self.stream.write_all(request).await.map_err(Error::failed("write a request"))?;
        self.held.clear();
        loop {
            let read = self.stream.read_buf(&mut self.held).await;
            if read.map_err(Error::failed("read an answer"))? == 0 {
                return Err(wrong("the connection was closed"));
            }
            if let Some(length) = whole(&self.held)? {
                if self.held.len() > length {
                    return Err(wrong("more than one answer"));
                }
                break;
            }
        }
        let fits = self.held.starts_with(b"HTTP/1.1 200")
            && self.held.windows(expected.len()).any(|part| part == expected.as_bytes());
        if fits { Ok(()) } else { Err(wrong(&String::from_utf8_lossy(&self.held))) }
    }
}

fn wrong(answer: &str) -> Error {
    Error::asked(format!("the measured server answered wrongly: {answer}"), "this is a defect")
}

/// Bytes of the whole answer, once its head is there and all of its body.
fn whole(held: &[u8]) -> Result<Option<usize>, Error> {
    let Some(head) = held.windows(4).position(|part| part == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(held.get(..head).unwrap_or_default());
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.ok_or_else(|| wrong("an answer without content-length"))?;
    let end = head + 4 + length;
    Ok((held.len() >= end).then_some(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_its_last_byte() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        assert_eq!(whole(answer).unwrap(), Some(answer.len()));
        assert_eq!(whole(&answer[..answer.len() - 1]).unwrap(), None);
        assert_eq!(whole(b"HTTP/1.1 200 OK\r\n").unwrap(), None);
        assert!(whole(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }

    #[tokio::test]
    async fn a_wrong_answer_ends_the_measurement() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = axum::Router::new().fallback(|| async { "no" });
        let serving = tokio::spawn(async move { axum::serve(listener, app).await });
        let requests: Requests = Arc::new(vec![post(address, "/", "{}")]);
        let time = Duration::from_millis(50);
        assert!(measure(address, &requests, 2, time, "yes").await.is_err());
        assert!(measure(address, &requests, 2, time, "no").await.unwrap() > 0.0);
        serving.abort();
    }
}
