package io.millwright.agent.page;

import io.millwright.protocol.exposition.TextFormat;

/** What can be made of a snapshot. */
enum Document {
  PROMETHEUS(TextFormat.PROMETHEUS.contentType()),
  OPENMETRICS(TextFormat.OPENMETRICS.contentType()),
  JSON("application/json");

  private final String contentType;

  Document(String contentType) {
    this.contentType = contentType;
  }

  String contentType() {
    return contentType;
  }

  static Document of(TextFormat format) {
    return switch (format) {
      case PROMETHEUS -> PROMETHEUS;
      case OPENMETRICS -> OPENMETRICS;
    };
  }
}
