//! Access tokens, classic and stable (`platform/02 §1–3`).
//!
//! The two kinds are independent. A classic token lives on for five minutes beside its successor;
//! a stable one is renewed five minutes ahead of its end, or dies at once when forced.

use std::net::{IpAddr, Ipv4Addr};

use serde::Deserialize;
use wire::token::{GRANT_TYPE, TokenAnswer};
use wire::{Endpoint, Timestamp};

use super::refusal::Refused;
use super::{Answer, Call, answer, check_method};
use crate::account::Account;
use crate::world::World;

/// Tokens end `88_` and 136 characters; anything else is malformed.
const PREFIX: &str = "88_";
const LENGTH: usize = 139;
/// A dead token is answered by its own code for a day, then forgotten.
const REMEMBERED_SECONDS: i64 = 86_400;

#[derive(Debug, Clone)]
struct Token {
    text: String,
    expires: Timestamp,
    /// From here on 40001: a successor took its place, or it was killed.
    dies: Option<Timestamp>,
}

impl Token {
    fn is_alive(&self, now: Timestamp) -> bool {
        now < self.expires && self.dies.is_none_or(|dies| now < dies)
    }
}

/// Tokens of one account.
#[derive(Debug, Clone, Default)]
pub struct AccountTokens {
    all: Vec<Token>,
    classic: Option<String>,
    stable: Option<String>,
    last_forced: Option<Timestamp>,
}

impl AccountTokens {
    fn find(&self, text: &str) -> Option<&Token> {
        self.all.iter().find(|token| token.text == text)
    }

    fn end(&mut self, text: &str, dies: Timestamp) {
        if let Some(token) = self.all.iter_mut().find(|token| token.text == text) {
            token.dies = Some(token.dies.map_or(dies, |earlier| earlier.min(dies)));
        }
    }

    fn living_stable(&self, now: Timestamp) -> Option<&Token> {
        self.find(self.stable.as_deref()?).filter(|token| token.is_alive(now))
    }
}

#[derive(Deserialize)]
struct StableRequest {
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    appid: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    force_refresh: bool,
}

/// `GET /cgi-bin/token`.
///
/// # Errors
/// The codes of `platform/02 §1`.
pub fn classic(world: &mut World, call: &Call) -> Answer {
    check_method(call)?;
    let empty = |name| call.query(name).unwrap_or_default().to_owned();
    let (grant_type, appid, secret) = (empty("grant_type"), empty("appid"), empty("secret"));
    let position = admit(world, call, &grant_type, &appid, &secret)?;
    let token = renew_classic(world, position)?;
    let now = world.now();
    hand_out(world, position, &token, now)
}

fn renew_classic(world: &mut World, position: usize) -> Result<Token, Refused> {
    let (limits, now) = limits_of(world, position)?;
    let account = world.account_mut(position).ok_or(Refused::new(40013))?;
    account.counters.count(Endpoint::Token, &limits, now)?;
    if let Some(former) = account.tokens.classic.take() {
        account.tokens.end(&former, now + limits.token_overlap_seconds);
    }
    let token = mint(account, now, limits.token_seconds);
    account.tokens.classic = Some(token.text.clone());
    Ok(token)
}

/// `POST /cgi-bin/stable_token`.
///
/// # Errors
/// The codes of `platform/02 §2`.
pub fn stable(world: &mut World, call: &Call) -> Answer {
    check_method(call)?;
    let request: StableRequest = call.json()?;
    let position = admit(world, call, &request.grant_type, &request.appid, &request.secret)?;
    let token = renew_stable(world, position, request.force_refresh)?;
    let now = world.now();
    hand_out(world, position, &token, now)
}

fn renew_stable(world: &mut World, position: usize, force: bool) -> Result<Token, Refused> {
    let (limits, now) = limits_of(world, position)?;
    let account = world.account_mut(position).ok_or(Refused::new(40013))?;
    account.counters.count(Endpoint::StableToken, &limits, now)?;

    let gap = limits.forced_token_gap_seconds;
    let forced = force && account.tokens.last_forced.is_none_or(|last| now - last >= gap);
    if forced {
        account.counters.count_forced(&limits, now)?;
        account.tokens.last_forced = Some(now);
        if let Some(former) = account.tokens.stable.take() {
            account.tokens.end(&former, now);
        }
    } else if let Some(token) = account.tokens.living_stable(now).cloned() {
        // In its last minutes it gets a successor and lives on beside it.
        if token.expires - now >= limits.token_overlap_seconds {
            return Ok(token);
        }
    }
    let token = mint(account, now, limits.token_seconds);
    account.tokens.stable = Some(token.text.clone());
    Ok(token)
}

/// Another program that holds the account's secret asks for a token of its own: the classic one,
/// or the stable one with force. What it meets is the platform's business with it, not ours.
pub fn foreign_renewal(world: &mut World, held: &str, stable: bool) {
    let Some(position) = world.tokens.get(held).copied() else { return };
    let renewed =
        if stable { renew_stable(world, position, true) } else { renew_classic(world, position) };
    if let Ok(token) = renewed {
        world.tokens.insert(token.text, position);
    }
}

fn limits_of(world: &World, position: usize) -> Result<(wire::rules::Limits, Timestamp), Refused> {
    let account = world.accounts().get(position).ok_or(Refused::new(40013))?;
    Ok((world.limits(account)?, world.now()))
}

fn admit(
    world: &World,
    call: &Call,
    grant_type: &str,
    appid: &str,
    secret: &str,
) -> Result<usize, Refused> {
    if grant_type != GRANT_TYPE {
        return Err(Refused::new(40002));
    }
    if appid.is_empty() {
        return Err(Refused::new(41002));
    }
    if secret.is_empty() {
        return Err(Refused::new(41004));
    }
    let position = world.position(appid).ok_or(Refused::new(40013))?;
    let account = world.accounts().get(position).ok_or(Refused::new(40013))?;
    if account.secret != secret {
        // The classic call answers 40001 to a secret of the right shape, 40125 to any other.
        let shaped = secret.len() == 32 && secret.bytes().all(|b| b.is_ascii_hexdigit());
        let code = if call.endpoint == Endpoint::Token && shaped { 40001 } else { 40125 };
        return Err(Refused::new(code));
    }
    check_peer(account, call.peer)?;
    Ok(position)
}

/// 40164 for an address that is not on the account's allow-list.
///
/// # Errors
/// As said.
pub fn check_peer(account: &Account, peer: IpAddr) -> Result<(), Refused> {
    let listed = account
        .ip_allow_list
        .as_ref()
        .is_none_or(|list| list.iter().any(|entry| covers(entry, peer)));
    if !listed {
        let wide = match peer {
            IpAddr::V4(four) => four.to_ipv6_mapped(),
            IpAddr::V6(six) => six,
        };
        let text = format!("invalid ip {peer} ipv6 {wide}, not in whitelist");
        return Err(Refused::with_text(40164, text));
    }
    Ok(())
}

fn mint(account: &mut Account, now: Timestamp, seconds: i64) -> Token {
    let text = format!("{PREFIX}{}", account.chance.text(LENGTH - PREFIX.len()));
    let token = Token { text, expires: now + seconds, dies: None };
    account.tokens.all.push(token.clone());
    token
}

fn hand_out(world: &mut World, position: usize, token: &Token, now: Timestamp) -> Answer {
    world.tokens.insert(token.text.clone(), position);
    if let Some(account) = world.account_mut(position) {
        let (kept, forgotten): (Vec<_>, Vec<_>) = std::mem::take(&mut account.tokens.all)
            .into_iter()
            .partition(|token| now - token.expires < REMEMBERED_SECONDS);
        account.tokens.all = kept;
        for token in forgotten {
            world.tokens.remove(&token.text);
        }
    }
    answer(&TokenAnswer { access_token: token.text.clone(), expires_in: token.expires - now })
}

/// Which account the token opens.
///
/// # Errors
/// 41001 missing, 40014 malformed, 42001 expired, 40001 unknown or superseded.
pub fn check(world: &World, text: Option<&str>) -> Result<usize, Refused> {
    let text = text.ok_or(Refused::new(41001))?;
    let url_safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if text.len() != LENGTH || !text.starts_with(PREFIX) || !text.bytes().all(url_safe) {
        return Err(Refused::new(40014));
    }
    let position = world.tokens.get(text).copied().ok_or(Refused::new(40001))?;
    let account = world.accounts().get(position).ok_or(Refused::new(40001))?;
    let token = account.tokens.find(text).ok_or(Refused::new(40001))?;
    let now = world.now();
    if token.dies.is_some_and(|dies| now >= dies) {
        return Err(Refused::new(40001));
    }
    if now >= token.expires {
        return Err(Refused::new(42001));
    }
    Ok(position)
}

/// Kills a token, whoever holds it.
pub fn kill(world: &mut World, text: &str) {
    let now = world.now();
    let position = world.tokens.get(text).copied();
    if let Some(account) = position.and_then(|position| world.account_mut(position)) {
        account.tokens.end(text, now);
    }
}

/// Whether the text is an address or an IPv4 range.
#[must_use]
pub fn is_address_or_range(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || range(text).is_some()
}

fn range(text: &str) -> Option<(Ipv4Addr, u32)> {
    let (address, bits) = text.split_once('/')?;
    let bits = bits.parse().ok().filter(|bits| *bits <= 32)?;
    Some((address.parse().ok()?, bits))
}

pub(super) fn covers(entry: &str, peer: IpAddr) -> bool {
    let peer = peer.to_canonical();
    if entry.parse::<IpAddr>().is_ok_and(|address| address.to_canonical() == peer) {
        return true;
    }
    match (range(entry), peer) {
        (Some((network, bits)), IpAddr::V4(peer)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(network) & mask == u32::from(peer) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_their_addresses() {
        let peer = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(covers("203.0.113.9", peer("203.0.113.9")));
        assert!(covers("203.0.113.0/24", peer("203.0.113.200")));
        assert!(covers("203.0.113.0/24", peer("::ffff:203.0.113.200")));
        assert!(covers("0.0.0.0/0", peer("127.0.0.1")));
        assert!(!covers("203.0.113.0/24", peer("203.0.114.1")));
        assert!(!is_address_or_range("203.0.113.0/33"));
    }
}
