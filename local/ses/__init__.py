"""Amazon SES on the laptop: sends into a folder, receives by SMTP, reports to SNS. docs/local.md says what differs."""
