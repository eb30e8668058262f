import IssueModel

// Names that Testing has too.
typealias Issue = IssueModel.Issue
typealias Comment = IssueModel.Comment
typealias Attachment = IssueModel.Attachment
typealias DeclaredHolder = IssueModel.Holder
