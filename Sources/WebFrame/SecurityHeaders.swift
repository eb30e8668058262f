internal import HTTPMessages
public import WebServer

/// The headers that keep a browser from doing with an answer what it is not meant for.
public enum SecurityHeaders {
    /// Nothing may be loaded, nothing may frame it: for everything that is no page.
    public static let strictPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

    /// Adds the headers that `response` does not have already.
    ///
    /// - Parameter isSecure: Whether the client came by HTTPS, so that it is told to go on so.
    public static func add(to response: inout WebResponse, isSecure: Bool) {
        func add(_ name: String, _ value: String) {
            if response.headers[name] == nil { response.headers[name] = value }
        }
        add("Content-Security-Policy", strictPolicy)
        add("X-Content-Type-Options", "nosniff")
        add("X-Frame-Options", "DENY")
        add("Referrer-Policy", "no-referrer")
        add("Cross-Origin-Resource-Policy", "same-origin")
        add("Cross-Origin-Opener-Policy", "same-origin")
        if isSecure { add("Strict-Transport-Security", "max-age=31536000; includeSubDomains") }
    }
}
