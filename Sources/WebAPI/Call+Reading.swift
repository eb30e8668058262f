internal import AuditTrail
internal import FastJSON
internal import Reading
internal import SignIn
internal import Store
internal import WebFrame
internal import Workspace

extension Call {
    /// Whom this call reads for: the member who asks, and nobody else.
    func reader() throws -> ReaderChoice { .member(try member().id) }

    /// Whether the caller may do what admins may, with the token at hand.
    var isAdmin: Bool { caller.may(.admin(.read)) }

    /// Leaves a line in the audit trail for a read that is to be known of.
    func note(_ action: String, subject: String, _ details: [String: String] = [:]) async throws {
        let members = details.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        let event = caller.origin.event(action, subject: subject, details: .object(members))
        try await services.store.write { try AuditTrail.append(event, in: $0) }
    }

    /// A member of the body as text.
    func given(_ name: String) -> String? { body[name]?.string }

    /// Texts in a list of the body; `nil` where it is missing.
    func givenList(_ name: String) -> [String]? { body[name]?.array.map { $0.compactMap(\.string) } }
}
