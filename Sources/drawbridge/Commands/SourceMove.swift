import AuditTrail
import Console
import SourceAdministration
import Store

extension Command {
    static let sourceMove = Command(
        words: ["source", "move"],
        summary: "Follow a Jira site to another address",
        arguments: [
            Argument(name: "NAME", help: "the source's name"),
            Argument(name: "URL", help: "the address people use for Jira now"),
        ],
        discussion: """
            Nothing is read again: what was copied stays, and links lead to the new address. The new address must be the same
            site's: a Cloud site is known by its id, others by their projects. An old address that leads to the new one needs no
            command, as a redirect to the same Cloud site is followed by itself.
            """,
        example: "drawbridge source move work https://acme-group.atlassian.net"
    ) { invocation in
        try await Control.with(invocation) { control in
            let moved = try await control.session.administration(invocation.environment)
                .move(invocation.arguments[0], to: invocation.arguments[1], by: .commandLine).source
            Terminal.print("'\(moved.name)' is read at \(moved.url) now. Next: drawbridge sync \(moved.name)")
            return .done
        }
    }
}
