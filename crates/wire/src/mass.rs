//! Mass messages (群发): what a call carries, what it answers (`platform/03`).

use serde::{Deserialize, Serialize};

use crate::{ClientMsgId, MediaId, MsgDataId, MsgId, OpenId, TagId};

/// `{"media_id": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaBody {
    /// The draft or material.
    pub media_id: MediaId,
}

/// `{"content": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextBody {
    /// UTF-8, at most 2,048 bytes (assumed as for customer-service text).
    pub content: String,
}

/// Pictures of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagesBody {
    /// 1–20 pictures (20 assumed from the website).
    pub media_ids: Vec<MediaId>,
    /// Words beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommend: Option<String>,
    /// 0 or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need_open_comment: Option<u8>,
    /// 0 or 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_fans_can_comment: Option<u8>,
}

/// A film made with `uploadvideo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoBody {
    /// The id that `uploadvideo` gave.
    pub media_id: MediaId,
    /// Shown above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Shown below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The message: exactly one object, named as `msgtype` says (`platform/03 §1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "msgtype", rename_all = "lowercase")]
pub enum Message {
    /// Articles (图文), from a draft.
    Mpnews {
        /// The draft.
        mpnews: MediaBody,
    },
    /// Text.
    Text {
        /// The words.
        text: TextBody,
    },
    /// A voice recording.
    Voice {
        /// The recording.
        voice: MediaBody,
    },
    /// Pictures.
    Image {
        /// The pictures.
        images: ImagesBody,
    },
    /// A film.
    Mpvideo {
        /// The film.
        mpvideo: VideoBody,
    },
}

/// To whom `sendall` goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Everybody; then `tag_id` is not read.
    #[serde(default)]
    pub is_to_all: bool,
    /// One tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_id: Option<TagId>,
}

/// Body of `message/mass/sendall`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendAllRequest {
    /// Everybody or one tag.
    pub filter: Filter,
    /// What is sent.
    #[serde(flatten)]
    pub message: Message,
    /// 1 sends on when the article is judged a permitted reprint.
    #[serde(default)]
    pub send_ignore_reprint: u8,
    /// The sender's own key: a second call with it within 24 hours sends nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clientmsgid: Option<ClientMsgId>,
}

/// Body of `message/mass/send`: 2–10,000 OpenIDs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SendRequest {
    /// The recipients.
    pub touser: Vec<OpenId>,
    /// What is sent.
    #[serde(flatten)]
    pub message: Message,
    /// 1 sends on when the article is judged a permitted reprint.
    #[serde(default)]
    pub send_ignore_reprint: u8,
    /// The sender's own key: a second call with it within 24 hours sends nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clientmsgid: Option<ClientMsgId>,
}

/// Answer of both sends: the job is accepted, not yet delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendAnswer {
    /// The job.
    pub msg_id: MsgId,
    /// Key of its statistics; only for articles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg_data_id: Option<MsgDataId>,
}

/// Body of `message/mass/preview`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PreviewRequest {
    /// One follower.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touser: Option<OpenId>,
    /// Or a WeChat name, which wins over the OpenID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub towxname: Option<String>,
    /// What is shown; a single picture is spelled `image` here.
    #[serde(flatten)]
    pub message: PreviewMessage,
}

/// The message of a preview: as [`Message`], but one picture at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "msgtype", rename_all = "lowercase")]
pub enum PreviewMessage {
    /// Articles.
    Mpnews {
        /// The draft.
        mpnews: MediaBody,
    },
    /// Text.
    Text {
        /// The words.
        text: TextBody,
    },
    /// A voice recording.
    Voice {
        /// The recording.
        voice: MediaBody,
    },
    /// One picture.
    Image {
        /// The picture.
        image: MediaBody,
    },
    /// A film.
    Mpvideo {
        /// The film.
        mpvideo: MediaBody,
    },
}

/// Answer of `message/mass/preview`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PreviewAnswer {
    /// Not in the newest page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<MsgId>,
}

/// Body of `message/mass/delete`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteRequest {
    /// The job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<MsgId>,
    /// Or the article's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// From 1; 0 or absent deletes all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article_idx: Option<i64>,
}

/// Body of `message/mass/get`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StatusRequest {
    /// The job.
    pub msg_id: MsgId,
}

/// Answer of `message/mass/get`: no counts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StatusAnswer {
    /// The job.
    pub msg_id: MsgId,
    /// Where it stands.
    pub msg_status: JobStatus,
}

/// Where a mass job stands (`platform/03 §5.3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobStatus {
    /// Under way.
    Sending,
    /// Done.
    SendSuccess,
    /// Failed.
    SendFail,
    /// Deleted, or all recipients filtered away.
    Delete,
    /// A word this version does not know.
    #[serde(other)]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_send_reads_as_the_page_shows_it() {
        let body = r#"{"touser":["oSBXaaaaaaaaaaaaaaaaaaaaaa01","oSBXaaaaaaaaaaaaaaaaaaaaaa02"],
            "msgtype":"text","text":{"content":"今晚八点上新"},"clientmsgid":"camp42-b0003"}"#;
        let request: SendRequest = serde_json::from_str(body).unwrap();
        assert_eq!(request.touser.len(), 2);
        assert_eq!(
            request.message,
            Message::Text { text: TextBody { content: "今晚八点上新".into() } }
        );
        let again = serde_json::to_value(&request).unwrap();
        assert_eq!(again["msgtype"], "text");
        assert_eq!(again["text"]["content"], "今晚八点上新");
        assert_eq!(again["clientmsgid"], "camp42-b0003");
    }

    #[test]
    fn a_tag_may_come_as_text() {
        let body = r#"{"filter":{"is_to_all":false,"tag_id":"101"},"mpnews":{"media_id":"d3AfT"},"msgtype":"mpnews"}"#;
        let request: SendAllRequest = serde_json::from_str(body).unwrap();
        assert_eq!(request.filter.tag_id, Some(TagId(101)));
        assert_eq!(request.send_ignore_reprint, 0);
    }
}
