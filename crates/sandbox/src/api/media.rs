//! Pictures for article bodies (`platform/03 §5.5`): jpg or png, under a megabyte. Only the address
//! given out matters, so the bytes are looked at and dropped.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::request::Parts;
use wire::media::{FILE_FIELD, UploadImageAnswer};

use super::refusal::Refused;
use super::{Answer, Call, Scene, answer};

/// The file of a multipart body; `None` when there is none.
pub async fn file_of(parts: &Parts, body: Bytes) -> Option<Bytes> {
    let mut request = Request::new(Body::from(body));
    request.headers_mut().clone_from(&parts.headers);
    request.extensions_mut().insert(axum::extract::DefaultBodyLimit::disable());
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    while let Ok(Some(field)) = form.next_field().await {
        if field.name() == Some(FILE_FIELD) {
            return field.bytes().await.ok();
        }
    }
    None
}

/// `media/uploadimg`.
///
/// # Errors
/// 41005 without a file, 44001 when it is empty, 40005 for another kind, 40009 when too big.
pub fn upload_image(call: &Call, scene: &mut Scene<'_>) -> Answer {
    let file = call.file.as_ref().ok_or(Refused::new(41005))?;
    if file.is_empty() {
        return Err(Refused::new(44001));
    }
    let format = if file.starts_with(&[0xFF, 0xD8, 0xFF]) {
        ("jpg", "jpeg")
    } else if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        ("png", "png")
    } else {
        return Err(Refused::new(40005));
    };
    if file.len() as i64 > scene.limits.body_image_bytes {
        return Err(Refused::new(40009));
    }
    let opaque = scene.account.chance.text(64);
    let (folder, name) = format;
    let url = format!("http://mmbiz.qpic.cn/mmbiz_{folder}/{opaque}/0?wx_fmt={name}");
    answer(&UploadImageAnswer { url })
}
