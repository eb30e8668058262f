/// What a Jira administrator is to enter by hand where the source's account may not.
public struct WebhookInstructions: Hashable, Sendable {
    public var name: String
    /// With the part that is secret: whoever has it can make this installation read issues again.
    public var url: String
    public var secret: String
    public var events: [String]
    public var isCloud: Bool

    /// For people, step by step.
    public var text: String {
        let place = isCloud ? "Settings > System > WebHooks" : "Administration > System > WebHooks"
        let issueEvents = Self.words(for: events)
        return """
            A Jira administrator creates it once, under \(place), "Create a WebHook":
              Name    \(name)
              Status  enabled
              URL     \(url)
              Secret  \(secret)
                      (Jira before Data Center 10 has no such field; leave it out there)
              Events  no JQL filter, and all of these:
                      \(issueEvents.joined(separator: "\n          "))
              Exclude body: no
            """
    }

    /// As Jira's page groups them.
    private static func words(for events: [String]) -> [String] {
        var groups: [(String, [String])] = []
        for event in events {
            let name = event.hasPrefix("jira:") ? String(event.dropFirst(5)) : event
            let parts = name.split(separator: "_", maxSplits: 1).map(String.init)
            let verb = parts.count > 1 ? parts[1].map { $0 == "_" ? " " : $0 }.map(String.init).joined() : ""
            if let index = groups.firstIndex(where: { $0.0 == parts[0] }) {
                groups[index].1.append(verb)
            } else {
                groups.append((parts[0], [verb]))
            }
        }
        return groups.map { "\($0.0): \($0.1.joined(separator: ", "))" }
    }
}
