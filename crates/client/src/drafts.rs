//! Drafts and the pictures in their articles (`platform/08 §3`, `platform/03 §5.5`).

use bytes::Bytes;
use wire::draft::{AddDraftRequest, Article, DraftId, DraftList, ListDraftsRequest, NewsItems};
use wire::media::UploadImageAnswer;
use wire::{Endpoint, MediaId};

use crate::call::{Body, Call};
use crate::{Client, Error};

/// How every PNG file begins.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

impl Client {
    /// Uploads a picture for an article body, JPEG or PNG under 1 MB, and gives its address.
    ///
    /// # Errors
    /// 40005 for another kind of file, 40009 for one too large.
    pub async fn upload_image(&self, bytes: Bytes) -> Result<String, Error> {
        let (file, kind) = if bytes.starts_with(PNG) {
            ("picture.png", "image/png")
        } else {
            ("picture.jpg", "image/jpeg")
        };
        let mut call = Call::bare(Endpoint::UploadImage);
        call.body = Body::Picture { bytes, file, kind };
        let answer: UploadImageAnswer = self.ask(&call).await?;
        Ok(answer.url)
    }

    /// Makes a draft of 1–8 articles. A try whose answer was lost may leave a second draft.
    ///
    /// # Errors
    /// As any safe call; 40007 for an unknown cover, 45003, 45004, 45008 for what is too long.
    pub async fn draft_add(&self, articles: &[Article]) -> Result<MediaId, Error> {
        let request = AddDraftRequest { articles: articles.to_vec() };
        let answer: DraftId = self.post(Endpoint::DraftAdd, &request).await?;
        Ok(answer.media_id)
    }

    /// The articles of a draft.
    ///
    /// # Errors
    /// 40007 when there is none, or it was sent and so consumed.
    pub async fn draft_get(&self, draft: &MediaId) -> Result<Vec<Article>, Error> {
        let request = DraftId { media_id: draft.clone() };
        let answer: NewsItems = self.post(Endpoint::DraftGet, &request).await?;
        Ok(answer.news_item)
    }

    /// `count` (1–20) drafts from `offset`, newest first; without their bodies unless asked for.
    ///
    /// # Errors
    /// As any safe call, after a few tries.
    pub async fn draft_list(
        &self,
        offset: i64,
        count: i64,
        with_bodies: bool,
    ) -> Result<DraftList, Error> {
        let request = ListDraftsRequest { offset, count, no_content: u8::from(!with_bodies) };
        self.post(Endpoint::DraftList, &request).await
    }

    /// Deletes a draft.
    ///
    /// # Errors
    /// 40007 when there is none (any more).
    pub async fn draft_delete(&self, draft: &MediaId) -> Result<(), Error> {
        self.tell(Endpoint::DraftDelete, &DraftId { media_id: draft.clone() }).await
    }
}
