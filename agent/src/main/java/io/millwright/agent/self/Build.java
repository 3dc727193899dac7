package io.millwright.agent.self;

/** Which agent this is; the labels of {@code millwright_agent_build_info}. */
public record Build(String version, String revision, String jvmVersion, String buildDate) {}
