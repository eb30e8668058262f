public import FastJSON
internal import HTTPMessages
public import WebServer

extension WebResponse {
    /// A JSON document.
    public static func json(_ bytes: [UInt8], status: Int = 200) -> WebResponse {
        WebResponse(status: status, headers: ["Content-Type": "application/json"], body: bytes)
    }

    /// A JSON object written on the spot.
    public static func json(
        status: Int = 200, _ members: (inout JSONWriter) throws -> Void
    ) rethrows -> WebResponse {
        var json = JSONWriter()
        try json.object(members)
        return .json(json.bytes, status: status)
    }

    /// 201 with the address of what was made.
    public static func created(_ location: String, _ bytes: [UInt8]) -> WebResponse {
        var response = WebResponse.json(bytes, status: 201)
        response.headers["Location"] = location
        return response
    }

    /// 204.
    public static var nothing: WebResponse { WebResponse(status: 204) }

    /// Another type of content.
    public static func content(_ bytes: [UInt8], type: String, status: Int = 200) -> WebResponse {
        WebResponse(status: status, headers: ["Content-Type": type], body: bytes)
    }

    /// A file that is made while it is sent.
    ///
    /// - Parameter filename: ASCII letters, digits, dot and hyphen only.
    public static func download(type: String, filename: String, _ stream: BodyStream) -> WebResponse {
        WebResponse(
            status: 200,
            headers: ["Content-Type": type, "Content-Disposition": "attachment; filename=\"\(filename)\""],
            content: .stream(stream))
    }
}
