import IssueModel

typealias Issue = IssueModel.Issue
typealias Comment = IssueModel.Comment
typealias Attachment = IssueModel.Attachment
