//! Test vectors of `platform/06 §6`: A a push, B a reply, C the edge of the padding, and the
//! platform's own.

pub const TOKEN: &str = "sbx-token-7F3q";
pub const KEY: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
pub const APPID: &str = "wx0123456789abcdef";
pub const NONCE: &str = "889900112";
pub const A_SIGNATURE: &str = "0a84c29743d78b4b76d9f54594a1858c702cb5fd";
pub const A_MSG_SIGNATURE: &str = "d4f39a665a952097aa4f045b261bcd21167f2225";
pub const B_MSG_SIGNATURE: &str = "55a5cee1f85fa97906a5a41231d39d41ee29084b";
pub const A_MESSAGE: &str = "<xml><ToUserName><![CDATA[gh_0f1e2d3c4b5a]]></ToUserName><FromUserName><![CDATA[oSBX0000\
    0000000000000000user]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDA\
    TA[event]]></MsgType><Event><![CDATA[MASSSENDJOBFINISH]]></Event><MsgID>1000000007</MsgI\
    D><Status><![CDATA[send success]]></Status><TotalCount>5</TotalCount><FilterCount>4</Fil\
    terCount><SentCount>4</SentCount><ErrorCount>0</ErrorCount></xml>";
pub const A_ENCRYPTED: &str = "Ph0XPWG/GcCixUJBVPq2HvAvPJUT49g38ig/z02bctzPEPRjO8Ly18GfzqF9A0NJh9OsArsbzTDGJbkA3+nnVFnk\
    vcMZHrLvYT+9ocVv/K41JgEW5TSIEhNr0g2uLDlgPsPqMDMXH8g054+fq9Az/c8+yFjnbHVSR514cboy/Yg4XgXJ\
    yq5rdj7S7poit7BxkQLgXhBeHILlFgywr7jDyZrMkHSV464e30i4UPeOK0vhrns8sA8MPtFF2OCBXMALF5jsPhFs\
    MvMs752KbVH+qt+0QbBY20IwpjAJ9Wsyy636zUbgt4nXQ9RH5boT66UhcfesIBHpRoaqF2c5PliGUXi36w8nAE9u\
    eJioCzzctXxLEFgMTQ4ZU7zNLzSJeAwNzNWkhRoaFlFfCX3uTnW8bqjO/uNIxiKjHyviVkyZS8tbsHbqTsPJ2hWk\
    QOvmM3wGjh5wI+Lip7dcV/tqe5JxJb41hDsltIIZYeQAnjeeXXxac/unBRRtKeHQr45UXw+64jLTwzHlhfhpZqG0\
    xwjcAjnyTOgv4oe30WqZsQx5BCky6o/W++b87TuGJMxxcRaYVHHePViWYZxKdASXMBAXI5DVRAuXTSOnNIkvReLa\
    8yx98glaeYfM+574L0Cw3gND";
pub const B_MESSAGE: &str = "<xml><ToUserName><![CDATA[oSBX00000000000000000000user]]></ToUserName><FromUserName><![C\
    DATA[gh_0f1e2d3c4b5a]]></FromUserName><CreateTime>1767225602</CreateTime><MsgType><![CDA\
    TA[text]]></MsgType><Content><![CDATA[你好]]></Content></xml>";
pub const B_ENCRYPTED: &str = "u4Exn3+kz7fJt+UEc9sD6/ACyfvOIbOKiIU3fGpjfo4d2QR0BIkIRNlKhIrrMcgbvNySxCzm9LcKuM1+KhcL9SNY\
    lmcbVMGIU0H38mqNxzBMWzn3OLO4Uu0qSx5+uRx6/qa8hChAVMlCafhFEfumzBygibUbB5SVVzL/MktW1IH4Z/Q3\
    KVbO4cornZ/bij8v4U2zyZ3P7umPV8zbscmuJ7uByJa1QSPHobYL86YR3QfivfeJkS+pbL3IAR5spfRXkdnLifFv\
    2NkOaqz+A7bRb6R9T4Tet3DIOS+uV/cYw7ZQZmbqNv+KuoTGro/qfo1PSeZyk4lhwg1EL32EfHrgxCelCdvwXGRx\
    lmMGNxXiCahfCwy5aLeHX2nUOKpt9cn+";
pub const C_ENCRYPTED: &str = "Ph0XPWG/GcCixUJBVPq2HqJOYjaQ2lloBU5/vShT1yjPGmfXbu0I3GWs4MleGzsvPt/v3UVOv+b3tukK89Cy7HXI\
    1I2kBjOIXDEriTBd/xIKLbggxAxzYqz5qO/DHQQN";
pub const OFFICIAL_MESSAGE: &str = "{\"ToUserName\":\"gh_97417a04a28d\",\"FromUserName\":\"o9AgO5Kd5ggOC-bXrbNODIiE3bGY\",\"\
    CreateTime\":1714112445,\"MsgType\":\"event\",\"Event\":\"debug_demo\",\"debug_str\":\"h\
    ello world\"}";
pub const OFFICIAL_ENCRYPTED: &str = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJG\
    QqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrf\
    MZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgR\
    tWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";
