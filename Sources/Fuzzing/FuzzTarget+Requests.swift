internal import Backup
internal import Configuration
internal import Cryptography
internal import HTTPMessages
internal import Pacing
internal import SignIn
internal import WebServer
internal import Webhooks

extension FuzzTarget {
    /// What a server reads of a request before anybody is known.
    static let http = FuzzTarget(
        "http", "targets, queries, forms, cookies, dates and addresses of HTTP messages",
        seeds: [
            "/api/v1/issues/PAY-1?as=a%40b&limit=10#x\nCookie: a=b; drawbridge_session=x; c=\"d\"\nAuthorization: Bearer dbt_x\n\na=1&b=%20+&c",
            "/webhooks/12/abc/../%2e%2e/%00\nContent-Type: application/x-www-form-urlencoded\nDate: Sun, 06 Nov 1994 08:49:37 GMT\n\n%F0%9F%98%80=%zz",
            "/\nX-Forwarded-For: 10.0.0.1, [::1]:80\nForwarded: for=\"[2001:db8::1]\"\n\nhttps://user:pass@host.example:8080/path?q#f",
        ],
        words: [
            "%00", "%2e%2e%2f", "//", "..", "?", "&", "=", "+", ";", "\r\n", "Cookie: ", "drawbridge_session=",
            "__Host-drawbridge_session=", "[::1]", ":99999999999", "\u{0}", "%F0%9F",
        ]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var headers = HTTPHeaders()
        for line in lines.dropFirst().prefix(64) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers.append(String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        let message = HTTPRequest(.post, String(lines.first ?? ""), headers: headers, body: bytes)
        let request = WebRequest(message, remoteAddress: "203.0.113.7")
        for values in [request.query, request.form] {
            for (name, value) in values {
                _ = values[name]
                require(
                    !value.contains("\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}") || value.count <= bytes.count,
                    "decoding grows")
            }
        }
        _ = routes.respond(to: request)
        for isSecure in [true, false] { _ = SessionCookie(isSecure: isSecure).secret(in: headers) }
        if let date = headers["Date"] { _ = HTTPDate.parse(date) }
        for line in lines.prefix(8) {
            if let parts = URLParts(String(line)) { _ = (parts.origin, parts.isLoopback) }
            let encoded = PercentEncoding.encode(line)
            require(FormValues.decode(encoded.utf8) == String(line), "what is encoded decodes to the same")
        }
    }

    private static let routes: Router = {
        var router = Router()
        for pattern in ["/", "/api/v1/issues/{key}", "/webhooks/{rest...}", "/a/{b}/c/{d}"] {
            router.on(.post, pattern) { _ in .now(.text("ok")) }
        }
        return router
    }()

    /// A delivery that says it is Jira's.
    static let webhook = FuzzTarget(
        "webhook", "bodies, signatures and addresses of webhooks",
        seeds: [
            #"{"timestamp":1,"webhookEvent":"jira:issue_updated","issue":{"id":"10001","key":"PAY-1","fields":{"project":{"id":"1","key":"PAY"}}},"changelog":{"id":"5","items":[]}}"#,
            #"{"webhookEvent":"comment_created","comment":{"self":"https://a/rest/api/2/issue/10/comment/11","id":"11"},"issue":{"id":"10"}}"#,
            #"{"webhookEvent":"issuelink_created","issueLink":{"id":1,"sourceIssueId":2,"destinationIssueId":3}}"#,
            #"{"timestamp":1,"webhookEvent":"worklog_updated","worklog":{"issueId":"7","id":"8"}}"#,
        ],
        words: [
            "\"issue\":", "\"id\":", "\"webhookEvent\":", "-9223372036854775809", "\"self\":\"", "jira:",
            "\"key\":null",
            "\"comment\":{", "\"timestamp\":1e99",
        ]
    ) { bytes in
        _ = try? WebhookPayload(bytes)
        let text = String(decoding: bytes.prefix(4_096), as: UTF8.self)
        _ = WebhookPath(text)
        require(!WebhookSignature.isValid(text, of: bytes, key: "a key nobody has"), "a signature was made by chance")
    }

    /// Tokens that say who somebody is.
    static let token = FuzzTarget(
        "token", "signed tokens, sealed tickets and Base64",
        seeds: [
            SignedToken.compact(claims: Array(#"{"iss":"a","iat":1,"exp":2}"#.utf8), key: Array("key".utf8)),
            "eyJhbGciOiJub25lIn0.e30.", "a.b.c", "....", "QUJD",
        ],
        words: [".", "=", "eyJ", "-_", "e30", "\u{0}"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let token = try? SignedToken(text) {
            require(!token.isSigned(with: Array("a key nobody has".utf8)), "a token was signed by chance")
        }
        if let decoded = Base64URL.decode(bytes) {
            require(Array(Base64URL.encode(decoded).utf8) == bytes, "two texts are the same bytes")
        }
        if let key = try? SecretKey(bytes: [UInt8](repeating: 7, count: SecretKey.byteCount)) {
            require((try? key.open(bytes, context: "fuzz")) == nil, "a sealed secret was made by chance")
        }
    }

    /// What an operator or an administrator types.
    static let settings = FuzzTarget(
        "settings", "values of settings", seeds: ["8080", "https://a.example/b/", "yes", "a, b,c", "/var/backups"],
        words: ["https://", "http://", "@", "#", "?", ",", "\u{0}", "\n", "-", "18446744073709551616"]
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        for setting in SettingsTable.all {
            guard let kept = try? setting.checked(text) else { continue }
            require((try? setting.checked(kept)) == kept, "what is kept is taken again")
            require(!kept.utf8.contains { $0 < 0x20 }, "a kept value has no control characters")
        }
    }

    /// A backup somebody hands over.
    static let backup = FuzzTarget(
        "backup", "manifests of backups",
        seeds: [
            #"{"format":"drawbridge-backup","version":1,"program":"0.1.0","made":5,"schema":{"store":3},"counts":{"issue":1},"key":"ab","files":[{"name":"drawbridge.sqlite","bytes":1,"sha256":"00"}]}"#
        ], words: ["\"files\":[", "-1", "1e30", "\"../../etc/passwd\"", "\"version\":2"]
    ) { bytes in
        _ = try? BackupManifest(parsing: bytes)
    }
}
