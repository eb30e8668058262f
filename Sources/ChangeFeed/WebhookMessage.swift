internal import Cryptography
internal import FastJSON
internal import HTTPMessages
internal import IssueModel

/// A webhook as it goes over the wire.
///
/// The body is `{"delivery", "subscription", "sent", "kind", "changes": […]}`, the entries as the feed has them. The header
/// `Drawbridge-Signature: t=SECONDS,v1=HEX` holds the time of sending and the HMAC-SHA256 of `SECONDS.BODY` under the
/// subscription's secret. A receiver refuses what is signed wrongly or more than five minutes old.
struct WebhookMessage: Sendable {
    var delivery: Int64
    var subscription: Int64
    var kind: Delivery.Kind
    var changes: [FeedChange]

    static let signatureHeader = "Drawbridge-Signature"
    /// Bytes of a receiver's answer that are read, and dropped.
    private static let answerLimit = 64 << 10

    func request(to url: String, secret: [UInt8], at now: Timestamp) -> HTTPRequest {
        var json = JSONWriter()
        json.object { json in
            json.member("delivery", String(delivery))
            json.member("subscription", String(subscription))
            json.member("sent", now.rfc3339)
            json.member("kind", kind.rawValue)
            json.key("changes")
            json.array { json in changes.forEach { $0.write(to: &json) } }
        }
        let seconds = now.rawValue / 1_000
        return HTTPRequest(
            .post, url,
            headers: [
                "Content-Type": "application/json",
                Self.signatureHeader: "t=\(seconds),v1=\(Self.signature(of: json.bytes, at: seconds, secret: secret))",
                "Drawbridge-Delivery": String(delivery),
            ], body: json.bytes, responseBodyLimit: Self.answerLimit, timeout: .seconds(15))
    }

    static func signature(of body: [UInt8], at seconds: Int64, secret: [UInt8]) -> String {
        Digest.hexadecimal(Digest.hmacSHA256(Array("\(seconds).".utf8) + body, key: secret))
    }
}
