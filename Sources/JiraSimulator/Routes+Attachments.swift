import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Routes {
    mutating func addAttachments() {
        api(.get, "attachment/meta") { _ in
            .json { json in
                json.member("enabled", true)
                json.member("uploadLimit", 1_000_000_000)
            }
        }
        api(.get, "attachment/{id}") { call in
            let found = try call.attachment()
            var json = JSONWriter()
            call.renderer.attachment(found.attachment, &json, isAlone: true)
            return .json(bytes: json.bytes)
        }
        if isCloud {
            api(.get, "attachment/content/{id}") { try $0.cloudContent() }
            api(.get, "attachment/thumbnail/{id}") { try $0.cloudContent() }
            add(.get, "/secure/attachment/{id}/{name}") { try $0.cloudContent() }
        } else {
            add(.get, "/secure/attachment/{id}/{name}") { try $0.directContent() }
            add(.get, "/secure/thumbnail/{id}/{name}") { try $0.directContent() }
        }
    }
}

extension Call {
    fileprivate func attachment() throws -> (ordinal: Int, attachment: Attachment) {
        guard let id = Int(capture("id")), let found = state.attachment(id: id), viewer.sees(issue: found.ordinal),
            visibleAttachments(of: found.ordinal).contains(where: { $0.id == id })
        else { throw Refusal(404, "The attachment with id '\(capture("id"))' does not exist") }
        return found
    }

    /// Cloud: a redirect to an address that is signed for a short time; `redirect=false` sends the bytes.
    fileprivate func cloudContent() throws -> WebResponse {
        let (_, attachment) = try attachment()
        guard query["redirect"] != "false" else {
            return .file(state.bytes(of: attachment), attachment, range: request.message.headers["Range"])
        }
        let token = MediaToken(attachment: attachment.id, expires: simulator.site.clock.now() + 600_000)
        // The media service lives at the server's root, outside any context path.
        return WebResponse(
            status: 303,
            headers: [
                "Location": "\(simulator.mediaBase)/__media/file/\(attachment.mediaID)/binary"
                    + "?token=\(token.text)&client=simulated&name=\(escaped(attachment.fileName))"
            ])
    }

    /// Data Center: the bytes for who may see them, a login page for others.
    fileprivate func directContent() throws -> WebResponse {
        do {
            let (_, attachment) = try attachment()
            return .file(state.bytes(of: attachment), attachment, range: request.message.headers["Range"])
        } catch {
            guard person == nil else { throw Refusal(404, "The attachment does not exist.") }
            let destination = escaped(String(target.path))
            return WebResponse(
                status: 302,
                headers: [
                    "Location": "\(simulator.base)/login.jsp?permissionViolation=true&os_destination=\(destination)"
                ])
        }
    }
}

/// A signed address's token: the attachment and until when.
private struct MediaToken {
    let attachment: Int
    let expires: Milliseconds

    init(attachment: Int, expires: Milliseconds) {
        self.attachment = attachment
        self.expires = expires
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".").compactMap { Int64($0, radix: 36) }
        guard parts.count == 3 else { return nil }
        self.init(attachment: Int(parts[0]), expires: parts[1])
        guard self.text == text else { return nil }
    }

    var text: String {
        let body = "\(String(attachment, radix: 36)).\(String(expires, radix: 36))"
        let sum = body.utf8.reduce(5_381 as UInt64) { ($0 &* 33) ^ UInt64($1) } >> 1
        return "\(body).\(String(sum, radix: 36))"
    }
}

extension Simulator {
    /// The media service: answers signed addresses, and refuses a request that brings Jira's credential along.
    func media(_ request: WebRequest, path: Substring) -> WebResponse {
        guard request.message.headers["Authorization"] == nil else {
            return .text("This address is signed; send no credential to it.", status: 400)
        }
        let state = site.current()
        guard let token = request.query["token"].flatMap(MediaToken.init), token.expires > site.clock.now(),
            let (_, attachment) = state.attachment(id: token.attachment)
        else { return .text("The token is not valid or no longer valid.", status: 403) }
        return .file(state.bytes(of: attachment), attachment, range: request.message.headers["Range"])
    }
}

extension WebResponse {
    /// A file, or the range of it that was asked for (RFC 9110 §14).
    static func file(_ bytes: [UInt8], _ attachment: Attachment, range: String?) -> WebResponse {
        var response = WebResponse(
            headers: [
                "Content-Type": attachment.mimeType, "Accept-Ranges": "bytes",
                "Content-Disposition": "attachment; filename*=UTF-8''\(escaped(attachment.fileName))",
                "X-Content-Type-Options": "nosniff",
            ], body: bytes)
        guard let range, range.hasPrefix("bytes="), !range.contains(",") else { return response }
        let ends = range.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return response }
        let start = Int(ends[0]) ?? max(0, bytes.count - (Int(ends[1]) ?? 0))
        let end = ends[0].isEmpty ? bytes.count - 1 : min(Int(ends[1]) ?? .max, bytes.count - 1)
        guard start <= end, start < bytes.count else {
            return WebResponse(status: 416, headers: ["Content-Range": "bytes */\(bytes.count)"])
        }
        response.status = 206
        response.headers["Content-Range"] = "bytes \(start)-\(end)/\(bytes.count)"
        response.content = .bytes(Array(bytes[start...end]))
        return response
    }
}
