//! The month's preparation: the account on both sides, its followers fetched, the shop's own files
//! brought in. Every step may be made again.

use std::time::{Duration, Instant};

use delivery::view::{AccountView, ImportView, NewAccount, SyncView, WorkView};

use super::control::{Callback, Made, Wish};
use super::drive::Driver;
use super::happening::Happening;
use crate::Error;

const CALLBACK_TOKEN: &str = "FourcastDemo2026";
const ENCODING_AES_KEY: &str = "FourcastDemoFourcastDemoFourcastDemo0000AAA";
/// Between two looks at a synchronisation that goes on by itself.
const GLANCE: Duration = Duration::from_millis(50);
/// A synchronisation that does not move for so long has met a fault of the server.
const STANDSTILL: Duration = Duration::from_secs(60);

impl Driver {
    /// Makes the account on the sandbox, connects it to the server and sends callbacks there.
    ///
    /// # Errors
    /// What either side refused.
    pub async fn open_account(&mut self, wish: &Wish) -> Result<AccountView, Error> {
        let made = self.control.make_account(wish).await?;
        let account = self.connect(&wish.name, &made).await?;
        self.account = account.id;
        self.cover = made.cover_media_id;
        let callback = Callback {
            url: format!("{}{}", self.rest().base(), account.callback_path),
            token: CALLBACK_TOKEN.into(),
            encoding_aes_key: ENCODING_AES_KEY.into(),
            mode: "safe",
        };
        self.control.set_callback(&callback).await?;
        Ok(account)
    }

    async fn connect(&mut self, name: &str, made: &Made) -> Result<AccountView, Error> {
        let new = NewAccount {
            name: name.to_owned(),
            appid: made.appid.clone(),
            secret: made.secret.clone(),
            original_id: made.original_id.clone(),
            kind: wire::rules::AccountKind::Service,
            base_url: Some(self.control.rest().base().to_owned()),
            callback_token: CALLBACK_TOKEN.to_owned(),
            encoding_aes_key: ENCODING_AES_KEY.to_owned(),
        };
        let all: Vec<AccountView> =
            self.persist(async |rest| rest.get("/api/v1/accounts").await).await?;
        if let Some(there) = all.into_iter().find(|account| account.appid == made.appid) {
            return Ok(there);
        }
        self.persist(async |rest| rest.post("/api/v1/accounts", &new).await).await
    }

    /// Fetches all followers.
    ///
    /// # Errors
    /// When the pass stops, with its cause.
    pub async fn sync(&mut self) -> Result<SyncView, Error> {
        let path = self.path("/sync");
        let asked: SyncView = self.persist(async |rest| rest.post(&path, &()).await).await?;
        let mut view = asked;
        let mut moved = (Instant::now(), view.listed + view.detailed);
        loop {
            (self.hooks.happened)(&Happening::Synced(&view));
            match view.state.as_str() {
                "done" => return Ok(view),
                "failed" => {
                    let cause = view.error.unwrap_or_else(|| "no cause is known".into());
                    return Err(Error::asked(
                        format!("The synchronisation of followers stopped: {cause}"),
                        "the server's log says more",
                    ));
                }
                _ => {}
            }
            if view.listed + view.detailed != moved.1 {
                moved = (Instant::now(), view.listed + view.detailed);
            } else if moved.0.elapsed() > STANDSTILL {
                return Err(self.stuck().await?);
            }
            tokio::time::sleep(GLANCE).await;
            view = self.persist(async |rest| rest.get(&path).await).await?;
            // A call that must wait (a budget, a busy platform) waits for the clock.
            let work: WorkView = self.persist(async |rest| rest.get("/api/v1/work").await).await?;
            if let (true, "listing" | "detailing", Some(due)) =
                (work.idle, view.state.as_str(), work.next_due)
            {
                self.move_to(due.max(self.now)).await?;
            }
        }
    }

    async fn stuck(&mut self) -> Result<Error, Error> {
        let path = self.path("");
        let account: AccountView = self.persist(async |rest| rest.get(&path).await).await?;
        let trouble = account.trouble.unwrap_or_else(|| "the server names no trouble".into());
        Ok(Error::asked(
            format!("The synchronisation of followers stands still: {trouble}"),
            "the server's log says more (FOURCAST_LOG=info)",
        ))
    }

    /// Brings in what the shop's own system knows: customers first, then their orders. The files
    /// pass through as they come.
    ///
    /// # Errors
    /// What either side refused.
    pub async fn import_shop(&mut self) -> Result<(), Error> {
        for (file, target) in
            [("customers.csv", "/import/followers"), ("orders.csv", "/import/orders?layout=csv")]
        {
            let path = self.path(target);
            let control = self.control.clone();
            let view: ImportView = self
                .persist(async |rest| {
                    let answer = control.shop_file(file).await?;
                    let body = reqwest::Body::wrap_stream(answer.bytes_stream());
                    rest.upload(&path, body).await
                })
                .await?;
            (self.hooks.happened)(&Happening::Imported(file, &view));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callback_settings_are_what_the_platform_takes() {
        assert_eq!(ENCODING_AES_KEY.len(), 43);
        assert!(wire::callback::crypt::CallbackKey::parse(ENCODING_AES_KEY).is_ok());
        assert!((3..=32).contains(&CALLBACK_TOKEN.len()));
    }
}
