//! What the platform's codes mean, in the reader's language: the English sentences are `wire`'s,
//! the Chinese ones stand here; a code without one gets the sentence of its class.

mod chinese;

use wire::codes::{Code, Reaction};

use super::language::Language;

/// What this code of a refused call means and what to do.
#[must_use]
pub fn meaning(code: i64, language: Language) -> &'static str {
    if language == Language::English {
        return Code(code).meaning();
    }
    let own = chinese::SENTENCES.binary_search_by_key(&code, |(code, _)| *code);
    match own.ok().and_then(|place| chinese::SENTENCES.get(place)) {
        Some((_, sentence)) => sentence,
        None => of_class(Code(code)),
    }
}

fn of_class(code: Code) -> &'static str {
    if code.row().is_none() {
        return "平台给出了一个本版本不认识的错误码，请先查平台文档。";
    }
    match code.reaction() {
        Reaction::RefreshToken => "access_token 不可用，请重新获取后重试一次。",
        Reaction::RetryLater => "平台繁忙，稍后再试；群发请带上同一个 clientmsgid。",
        Reaction::WaitAMinute => "太频繁，等一分钟再试，编号不变。",
        Reaction::QuotaUsedUp => "次数用完了，恢复之前不要再试。",
        Reaction::AlreadyDone => "之前已经做过，不必再做。",
        Reaction::DropRecipient => "这个接收人收不到，请去掉。",
        Reaction::ChangeContent => "内容不被接受，请修改内容。",
        Reaction::AskOperator => "缺少权限或公众号受限，须由运营者处理。",
        Reaction::AwaitAdministrator => "须等管理员在微信里确认。",
        Reaction::FixCall => "调用本身有误，请修改程序。",
    }
}

/// How mass jobs end badly (`platform/03 §7`): the number inside `err(…)`.
const STATUSES: &[(i64, &str, &str)] = &[
    (10001, "涉嫌广告", "suspected advertising"),
    (20001, "涉嫌政治", "suspected politics"),
    (20002, "涉嫌色情", "suspected pornography"),
    (20004, "涉嫌社会", "suspected social disturbance"),
    (20006, "涉嫌违法犯罪", "suspected crime"),
    (20008, "涉嫌欺诈", "suspected fraud"),
    (20013, "涉嫌版权", "suspected breach of copyright"),
    (21000, "涉嫌其他", "suspected of something else"),
    (22000, "涉嫌互推（互相宣传）", "suspected mutual promotion"),
    (30001, "原创校验出错", "the original check failed"),
    (30002, "原创校验被判定不能群发", "the original check forbids sending"),
    (30003, "原创校验被判定为转载文，未同意转载", "found to be a reprint, which was not agreed to"),
    (40001, "管理员拒绝", "the administrator refused"),
    (40002, "管理员 30 分钟内没有响应，超时", "the administrator did not answer in 30 minutes"),
];

/// What a job's status means.
#[must_use]
pub fn job_status(status: &str, language: Language) -> &'static str {
    let number = status.strip_prefix("err(").and_then(|rest| rest.strip_suffix(')'));
    let number: Option<i64> = number.and_then(|number| number.parse().ok());
    let known = STATUSES.iter().find(|(code, ..)| Some(*code) == number);
    match (known, language) {
        (Some((_, chinese, _)), Language::Chinese) => chinese,
        (Some((_, _, english)), Language::English) => english,
        (None, Language::Chinese) => "平台没有说明原因",
        (None, Language::English) => "the platform gives no reason",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_sentences_are_in_order_of_known_codes_and_end_as_sentences_do() {
        for pair in chinese::SENTENCES.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
        }
        for (code, sentence) in chinese::SENTENCES {
            assert!(Code(*code).row().is_some(), "{code} is not known");
            assert!(sentence.ends_with('。'), "{code}: {sentence}");
        }
    }

    #[test]
    fn a_chinese_reader_never_meets_an_english_sentence() {
        let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for row in wire::codes::known() {
            let sentence = meaning(row.code.0, Language::Chinese);
            assert!(sentence.chars().any(han), "{}: {sentence}", row.code);
            assert_eq!(meaning(row.code.0, Language::English), row.meaning);
        }
        assert!(meaning(123_456, Language::Chinese).chars().any(han));
        assert_eq!(
            job_status("err(40002)", Language::English),
            "the administrator did not answer in 30 minutes"
        );
    }
}
