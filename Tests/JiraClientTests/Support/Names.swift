import IssueModel

// Swift Testing has types of these names too; here they mean Jira's.
typealias Issue = IssueModel.Issue
typealias Comment = IssueModel.Comment
typealias Attachment = IssueModel.Attachment
