import AtlassianDocument
import IssueModel

/// Which of an issue's attachments belong to restricted comments.
///
/// Jira Cloud applies a private comment's restriction to the attachments added in it (its REST reference says so on every
/// attachment operation) but no field names that comment, so it is found by what the comment embeds. Several files may
/// share a name: each of them is narrowed, because the wrong one shown is worse than the wrong one hidden.
struct EmbeddedFiles: Sendable {
    private var byName: [String: Set<Restriction>] = [:]
    /// Restricted comments that embed a file without naming it, with the latest moment that file can be from.
    private var unnamed: [(restrictions: Set<Restriction>, until: Timestamp)] = []
    /// Files that the description or an open comment names, which an unnamed reference therefore need not mean.
    private var open: Set<String> = []

    /// - Returns: `nil` where no restricted comment embeds anything, the usual case.
    init?(_ issue: Issue) {
        guard !issue.attachments.isEmpty else { return nil }
        for comment in issue.comments {
            let restrictions = Restriction.of(comment)
            guard !restrictions.isEmpty else { continue }
            for reference in comment.body.mediaReferences {
                if let name = reference.fileName, issue.attachments.contains(where: { $0.filename == name }) {
                    byName[name, default: []].formUnion(restrictions)
                } else if reference.url == nil {
                    let until = Timestamp(milliseconds: comment.updated.rawValue + 60_000)
                    unnamed.append((restrictions, until))
                }
            }
        }
        if byName.isEmpty, unnamed.isEmpty { return nil }
        guard !unnamed.isEmpty else { return }
        let openTexts =
            [issue.description, issue.environment].compactMap { $0 }
            + issue.comments.filter { Restriction.of($0).isEmpty }.map(\.body)
        for text in openTexts { open.formUnion(text.mediaReferences.compactMap(\.fileName)) }
    }

    /// What narrows one attachment.
    func restrictions(of attachment: Attachment) -> Set<Restriction> {
        var result = byName[attachment.filename] ?? []
        guard result.isEmpty, !open.contains(attachment.filename) else { return result }
        for reference in unnamed where attachment.created <= reference.until {
            result.formUnion(reference.restrictions)
        }
        return result
    }
}
