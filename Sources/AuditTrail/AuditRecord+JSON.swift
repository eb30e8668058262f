internal import Cryptography
public import FastJSON
internal import IssueModel

extension AuditRecord {
    /// The row as one JSON object.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("number", Int(number))
            json.member("at", at.rfc3339)
            json.member("actor", actor)
            json.member("actorName", actorName)
            json.member("via", via)
            json.member("remote", remote)
            json.member("action", action)
            json.member("subject", subject)
            json.key("details")
            json.raw(details)
            json.member("hash", Digest.hexadecimal(hash))
        }
    }

    public var json: [UInt8] {
        var json = JSONWriter()
        write(to: &json)
        return json.bytes
    }
}
