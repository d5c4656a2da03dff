"""From results to answers: keys of responses with their values. The German stands in domain.yml and phrases.yml."""
