package io.millwright.agent.page;

import io.millwright.agent.dialect.Dialect;
import io.millwright.protocol.exposition.TextFormat;

/** What can be made of a snapshot. */
enum Document {
  PROMETHEUS(TextFormat.PROMETHEUS.contentType()),
  OPENMETRICS(TextFormat.OPENMETRICS.contentType()),
  JSON("application/json"),
  DCGM(TextFormat.PROMETHEUS.contentType()),
  DCGM49(TextFormat.PROMETHEUS.contentType()),
  NEURON(TextFormat.PROMETHEUS.contentType());

  private final String contentType;

  Document(String contentType) {
    this.contentType = contentType;
  }

  String contentType() {
    return contentType;
  }

  static Document of(Dialect.Name dialect) {
    return switch (dialect) {
      case DCGM -> DCGM;
      case DCGM49 -> DCGM49;
      case NEURON -> NEURON;
    };
  }

  static Document of(TextFormat format) {
    return switch (format) {
      case PROMETHEUS -> PROMETHEUS;
      case OPENMETRICS -> OPENMETRICS;
    };
  }
}
