import HTTPMessages

/// The address of a Jira site as a person gave it, put right, with every change listed.
public struct SiteAddress: Hashable, Sendable {
    /// The most likely base URL: scheme, host, port and context path, without a trailing slash.
    public let url: String
    /// Base URLs to try in order; the first that answers as Jira is the site.
    public let candidates: [String]
    public let mends: [Mend]

    /// One change made to an address.
    public struct Mend: Hashable, Sendable, CustomStringConvertible {
        /// Stable: `scheme_added`, `page_removed`, `slash_removed`, `https_used`, `query_removed`,
        /// `credential_removed`, `context_found`, `context_dropped`, `redirect_followed`.
        public let code: String
        /// For people.
        public let description: String

        public init(_ code: String, _ description: String) {
            self.code = code
            self.description = description
        }
    }

    /// - Throws: `invalidAddress` for what cannot be an address at all.
    public init(_ text: String) throws(JiraError) {
        var mends: [Mend] = []
        var text = Self.trimmed(text)
        if !text.lowercased().hasPrefix("http://"), !text.lowercased().hasPrefix("https://") {
            guard !text.contains("://"), !text.isEmpty else { throw JiraError(.invalidAddress) }
            let isLocal = URLParts("http://" + text)?.isLoopback == true
            text = (isLocal ? "http://" : "https://") + text
            mends.append(Mend("scheme_added", "Added \(isLocal ? "http" : "https")://."))
        }
        guard var parts = URLParts(text) else { throw JiraError(.invalidAddress) }
        if parts.hadUserInformation {
            mends.append(Mend("credential_removed", "Removed the user name or password from the address."))
        }
        let isCloud = parts.host.hasSuffix(".atlassian.net") || parts.host.hasSuffix(".jira.com")
        if isCloud, parts.scheme == "http" {
            parts.scheme = "https"
            mends.append(Mend("https_used", "Used https://, as Jira Cloud does."))
        }
        if !parts.suffix.isEmpty { mends.append(Mend("query_removed", "Removed what followed the page's path.")) }
        let context = isCloud ? [] : Self.contextSegments(parts.path, &mends)
        if isCloud { Self.noteRemoved(parts.path[...], &mends) }
        self.mends = mends
        let origin = parts.origin
        candidates = Self.candidates(origin, context, isCloud: isCloud)
        url = candidates[0]
    }

    /// Whether the site is on this machine, where nobody listens on the way.
    public var isLoopback: Bool { URLParts(url)?.isLoopback == true }

    /// Segments that begin a page of Jira: what stands before them is the context path.
    private static let pages: Set<String> = [
        "browse", "secure", "projects", "issues", "rest", "plugins", "servicedesk", "login.jsp", "login", "wiki", "c",
        "i", "si", "sr", "s", "dashboards", "people", "welcome", "agile", "jsw", "your-work",
    ]
    /// Cloud's pages live under `/jira/…`, which on other products may be the context path.
    private static let cloudPages: Set<String> = [
        "software", "servicedesk", "core", "your-work", "for-you", "discovery", "dashboards", "people", "settings",
        "what-next", "plans", "work", "goals",
    ]

    private static func contextSegments(_ path: String, _ mends: inout [Mend]) -> [String] {
        let segments = path.split(separator: "/").map(String.init)
        var end = segments.count
        for (index, segment) in segments.enumerated() {
            let name = segment.lowercased()
            let next = index + 1 < segments.count ? segments[index + 1].lowercased() : ""
            if pages.contains(name) || (name == "jira" && cloudPages.contains(next)) {
                end = index
                break
            }
        }
        if end < segments.count {
            noteRemoved("/" + segments[end...].joined(separator: "/"), &mends)
        } else if path.hasSuffix("/") {
            mends.append(Mend("slash_removed", "Removed the slash at the end."))
        }
        return Array(segments[..<end])
    }

    private static func noteRemoved(_ path: some StringProtocol, _ mends: inout [Mend]) {
        if path == "/" {
            mends.append(Mend("slash_removed", "Removed the slash at the end."))
        } else if !path.isEmpty {
            mends.append(Mend("page_removed", "Removed \(path), which is a page of the site."))
        }
    }

    /// Longest context first, then shorter ones, then the usual `/jira`.
    private static func candidates(_ origin: String, _ context: [String], isCloud: Bool) -> [String] {
        if isCloud { return [origin] }
        var candidates: [String] = []
        for count in stride(from: min(context.count, 4), through: 0, by: -1) {
            candidates.append(([origin] + context.prefix(count)).joined(separator: "/"))
        }
        if !candidates.contains(origin + "/jira") { candidates.append(origin + "/jira") }
        return candidates
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace || first == "<" { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace || last == ">" { text = text.dropLast() }
        return String(text)
    }
}
