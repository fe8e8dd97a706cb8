//! `showqrcode`: a code's picture, without a token (`platform/09 §3`).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use qrcode::{Color, QrCode};

use crate::world::Shared;

/// Path of the picture.
pub const PATH: &str = "/cgi-bin/showqrcode";
/// Width and height of the platform's pictures, pixels.
const PIXELS: usize = 430;
/// White modules on every side, without which a camera finds no code.
const MARGIN: usize = 4;

/// `GET /cgi-bin/showqrcode?ticket=…`: 404 for a ticket nobody made or whose time is over.
pub async fn show(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let ticket = query.get("ticket").map(String::as_str).unwrap_or_default();
    let url = {
        let world = shared.world();
        let now = world.now();
        world.accounts().iter().find_map(|account| account.qr_codes.address(ticket, now))
    };
    match url.as_deref().and_then(picture) {
        Some(picture) => ([(header::CONTENT_TYPE, "image/png")], picture).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A PNG that a camera reads as this text.
fn picture(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::new(text).ok()?;
    let (width, colors) = (code.width(), code.into_colors());
    let scale = (PIXELS / (width + 2 * MARGIN)).max(1);
    let border = (PIXELS - scale * width) / 2;
    let module = |pixel: usize| pixel.checked_sub(border).map(|inside| inside / scale);
    let dark = |x: usize, y: usize| match (module(x), module(y)) {
        (Some(x), Some(y)) if x < width && y < width => {
            colors.get(y * width + x) == Some(&Color::Dark)
        }
        _ => false,
    };
    let mut pixels = Vec::with_capacity(PIXELS * PIXELS);
    for y in 0..PIXELS {
        pixels.extend((0..PIXELS).map(|x| if dark(x, y) { 0_u8 } else { 255 }));
    }
    let side = u32::try_from(PIXELS).ok()?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(file)
}
