public import FastJSON

/// Who does something, by what means and from where: what all events of one request or command have in common.
public struct AuditOrigin: Hashable, Sendable {
    public var actor: AuditEvent.Actor
    /// By what means; see ``AuditEvent/via``.
    public var via: String
    /// The peer's numeric address; empty where there is none.
    public var remote: String

    public init(_ actor: AuditEvent.Actor, via: String, remote: String = "") {
        self.actor = actor
        self.via = via
        self.remote = remote
    }

    /// Whoever runs a command on the machine.
    public static let commandLine = AuditOrigin(.operator, via: "command line")
    /// The server of its own accord.
    public static let system = AuditOrigin(.system, via: "server")

    /// The event of an act of this origin; its parameters are those of ``AuditEvent``.
    public func event(
        _ action: String, subject: String = "", details: JSONValue = .object([])
    ) -> AuditEvent {
        AuditEvent(action, subject: subject, details: details, by: actor, via: via, remote: remote)
    }
}
