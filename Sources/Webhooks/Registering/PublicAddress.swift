internal import HTTPMessages

/// Where this installation is reached from Jira: `https://drawbridge.example.com`, with a path where a proxy adds one.
public struct PublicAddress: Hashable, Sendable {
    /// Without a slash at its end.
    public let url: String
    /// What to know about it, for people; `nil` where all is well.
    public let warning: String?

    /// - Parameter isCloud: Jira Cloud calls `https` addresses alone, with a certificate that it can check.
    /// - Throws: `badAddress` for what Jira could not call.
    public init(_ text: String, isCloud: Bool) throws(WebhookError) {
        guard let parts = URLParts(text), !parts.hadUserInformation, parts.suffix.isEmpty else {
            throw WebhookError(
                .badAddress,
                "The public address must be where Jira reaches this installation, such as https://drawbridge.example.com"
            )
        }
        guard !isCloud || parts.scheme == "https" || parts.isLoopback else {
            throw WebhookError(
                .badAddress, "Jira Cloud calls https addresses only. Put a proxy with a certificate before")
        }
        var path = parts.path[...]
        while path.hasSuffix("/") { path = path.dropLast() }
        if path.hasSuffix("/webhooks") { path = path.dropLast("/webhooks".count) }
        url = parts.origin + path
        warning =
            parts.isLoopback
            ? "This address is this machine's own: only a Jira on it can call it."
            : parts.scheme == "http" ? "Over http anybody on the way can read what Jira tells." : nil
    }
}
