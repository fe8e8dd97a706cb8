//! What a message says: texts and articles, checked before the platform sees them, so that a
//! refusal is known while its author is still at the desk.
//!
//! Invariant: no input or output, no clock; nothing is changed here, only judged. Limits are the
//! dated ones of `wire`.

use wire::draft::Article;
use wire::rules::Limits;

/// What is wrong with a message, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Problem {
    /// The field, as the interface names it.
    pub field: &'static str,
    /// One sentence.
    pub problem: String,
}

fn wrong(field: &'static str, problem: impl Into<String>) -> Result<(), Problem> {
    Err(Problem { field, problem: problem.into() })
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Whether a mass text can be sent.
///
/// # Errors
/// When it is empty, too long (45002), or links to outside (40066, `platform/03 §1`).
pub fn check_text(content: &str, limits: &Limits) -> Result<(), Problem> {
    const FIELD: &str = "message.content";
    let bytes = count(content.len());
    let most = limits.text_bytes.unwrap_or(i64::MAX);
    if content.trim().is_empty() {
        return wrong(FIELD, "write something");
    }
    if bytes > most {
        return wrong(
            FIELD,
            format!("it has {bytes} bytes, the platform takes {most}: shorten it"),
        );
    }
    if links(content).any(|link| !is_platforms(link)) {
        return wrong(
            FIELD,
            "the platform refuses links to outside in a mass text (40066): use an article with its \
             original link",
        );
    }
    Ok(())
}

/// Whether articles can become a draft.
///
/// # Errors
/// The first field of the first article that the platform would refuse.
pub fn check_articles(articles: &[Article], limits: &Limits) -> Result<(), Problem> {
    let number = count(articles.len());
    if number < 1 || number > limits.articles {
        return wrong(
            "message.articles",
            format!("there are {number}, a message carries 1 to {}", limits.articles),
        );
    }
    articles.iter().try_for_each(|article| check_article(article, limits))
}

fn check_article(article: &Article, limits: &Limits) -> Result<(), Problem> {
    let characters = |text: &str| count(text.chars().count());
    let title = characters(&article.title);
    if article.title.trim().is_empty() || title > limits.title_characters {
        return wrong(
            "message.articles.title",
            format!("{title} characters; use 1 to {}", limits.title_characters),
        );
    }
    let body = characters(&article.content);
    if article.content.trim().is_empty() || body >= limits.article_characters {
        return wrong(
            "message.articles.content",
            format!("{body} characters of HTML; use 1 to {}", limits.article_characters - 1),
        );
    }
    if count(article.content.len()) > limits.article_bytes {
        return wrong(
            "message.articles.content",
            format!("use at most {} bytes", limits.article_bytes),
        );
    }
    for (field, text, most) in [
        ("message.articles.author", &article.author, limits.author_characters),
        ("message.articles.digest", &article.digest, limits.digest_characters),
    ] {
        if characters(text) > most {
            return wrong(field, format!("{} characters; use at most {most}", characters(text)));
        }
    }
    let most = limits.original_link_bytes;
    if count(article.content_source_url.len()) > most {
        return wrong("message.articles.source_url", format!("use at most {most} bytes"));
    }
    if article.thumb_media_id.is_empty() {
        return wrong(
            "message.articles.cover_media_id",
            "an article needs the permanent media_id of its cover",
        );
    }
    Ok(())
}

/// What stands behind each `href=` of a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("href=").skip(1).map(|rest| {
        let rest = rest.trim_start_matches(['"', '\'', ' ']);
        rest.split(['"', '\'', ' ', '>']).next().unwrap_or(rest)
    })
}

fn is_platforms(link: &str) -> bool {
    ["https://mp.weixin.qq.com/", "http://mp.weixin.qq.com/"]
        .iter()
        .any(|beginning| link.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use wire::rules::AccountKind;

    use super::*;

    fn limits() -> Limits {
        Limits::on("2026-03-01".parse().unwrap(), AccountKind::Service).unwrap()
    }

    fn article() -> Article {
        Article {
            title: "春季新品".into(),
            content: "<p>三分钟看完</p>".into(),
            thumb_media_id: "R7If".into(),
            ..Article::default()
        }
    }

    fn field(articles: &[Article]) -> &'static str {
        check_articles(articles, &limits()).unwrap_err().field
    }

    #[test]
    fn a_text_has_room_for_so_many_bytes_and_no_way_out() {
        let check = |text: &str| check_text(text, &limits());
        assert_eq!(check("今晚八点上新"), Ok(()));
        assert_eq!(check(&"x".repeat(2_048)), Ok(()));
        assert!(check(&"新".repeat(683)).unwrap_err().problem.contains("2049 bytes"));
        assert!(check(" \n").is_err());
        assert_eq!(check("<a href=\"https://mp.weixin.qq.com/s/x\">看</a>"), Ok(()));
        let told = check("<a href='https://mp.weixin.qq.com.evil.example/'>看</a>").unwrap_err();
        assert!(told.problem.contains("40066"), "{told}");
        let two =
            "<a href=\"https://mp.weixin.qq.com/s/x\">1</a><a href=https://shop.example>2</a>";
        assert!(check(two).is_err(), "each link is looked at");
    }

    #[test]
    fn an_article_names_the_field_that_is_wrong() {
        assert_eq!(check_articles(&[article()], &limits()), Ok(()));
        assert_eq!(field(&[]), "message.articles");
        assert_eq!(field(&vec![article(); 9]), "message.articles");
        assert_eq!(
            field(&[Article { title: "新".repeat(65), ..article() }]),
            "message.articles.title"
        );
        assert_eq!(field(&[Article { title: " ".into(), ..article() }]), "message.articles.title");
        assert_eq!(
            field(&[article(), Article { content: "x".repeat(20_000), ..article() }]),
            "message.articles.content"
        );
        assert_eq!(
            field(&[Article { author: "作".repeat(17), ..article() }]),
            "message.articles.author"
        );
        assert_eq!(
            field(&[Article { digest: "摘".repeat(129), ..article() }]),
            "message.articles.digest"
        );
        let link = format!("https://shop.example/{}", "x".repeat(1_024));
        assert_eq!(
            field(&[Article { content_source_url: link, ..article() }]),
            "message.articles.source_url"
        );
        assert_eq!(
            field(&[Article { thumb_media_id: String::new(), ..article() }]),
            "message.articles.cover_media_id"
        );
    }
}
