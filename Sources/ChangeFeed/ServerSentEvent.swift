internal import Cryptography
internal import FastJSON

/// Events as `text/event-stream` has them (HTML Living Standard, "Server-sent events"). Data is JSON and so one line.
enum ServerSentEvent {
    /// Keeps proxies and clients from taking silence for an end.
    static let heartbeat: [UInt8] = Array(":\n\n".utf8)
    /// Sent first: so much later a client whose stream broke off tries again.
    static let opening: [UInt8] = Array("retry: 3000\n\n".utf8)

    static func event(_ name: String, id: String? = nil, _ data: [UInt8]) -> [UInt8] {
        var bytes = Array("event: \(name)\n".utf8)
        if let id { bytes += "id: \(id)\n".utf8 }
        bytes += "data: ".utf8
        return bytes + data + [UInt8(ascii: "\n"), UInt8(ascii: "\n")]
    }

    /// The last word of a stream.
    static func end(_ reason: EventStream.End) -> [UInt8] {
        var json = JSONWriter()
        json.object { $0.member("reason", reason.rawValue) }
        return event("end", json.bytes)
    }

    /// The entries of a page. Only the last one has an id: whoever lost the connection in between is told all of them
    /// again.
    static func changes(_ page: FeedPage, key: SecretKey) throws -> [UInt8] {
        guard let last = page.changes.indices.last else { return [] }
        let cursor = try page.position.sealed(key: key)
        var bytes: [UInt8] = []
        for (index, change) in page.changes.enumerated() {
            var json = JSONWriter()
            change.write(to: &json)
            let name = if case .access = change.what { "access" } else { "change" }
            bytes += event(name, id: index == last ? cursor : nil, json.bytes)
        }
        return bytes
    }
}
