"""Script for the Python of a QGIS: opens a project inside a GeoPackage and draws it.

``python3 render_project.py GPKG PROJECT FOLDER``: writes ``map.png``, ``plain.png`` (the same
without labels), ``page.png`` (the page to print) and prints what it found as one line of JSON.
"""

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsLayoutExporter,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize


def legend_of(layer):
    if not isinstance(layer, QgsVectorLayer):
        return [item.label for item in layer.renderer().classes()]
    return [item.label() for item in layer.renderer().legendSymbolItems()]


def told(layer):
    found = {
        "name": layer.name(),
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "source": layer.source(),
        "legend": legend_of(layer),
    }
    if isinstance(layer, QgsVectorLayer):
        fields = layer.fields()
        found["features"] = layer.featureCount()
        found["aliases"] = {
            field.name(): layer.attributeDisplayName(place) for place, field in enumerate(fields)
        }
        found["types"] = {field.name(): field.typeName() for field in fields}
        found["tip"] = layer.mapTipTemplate()
        found["default_style"] = own_style(layer)
        found["unknown_in_rules"] = errors_of(layer)
    return found


def own_style(layer):
    """What the layer looks like by its own default style, as when it is dragged into QGIS."""
    alone = QgsVectorLayer(layer.source(), "alone", "ogr")
    listed = alone.listStylesInDatabase()
    message, loaded = alone.loadDefaultStyle()
    return {
        "listed": list(listed[2]),
        "loaded": loaded,
        "message": message,
        "legend": legend_of(alone),
    }


def errors_of(layer):
    """Return rules whose expression QGIS cannot evaluate."""
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    feature = next(layer.getFeatures(), None)
    if feature is not None:
        context.setFeature(feature)
    context.setFields(layer.fields())
    wrong = []
    for rule in layer.renderer().rootRule().descendants():
        parsed = QgsExpression(rule.filterExpression())
        if rule.filterExpression():
            parsed.prepare(context)
            parsed.evaluate(context)
            if parsed.hasParserError() or parsed.hasEvalError():
                wrong.append(rule.filterExpression())
    if feature is not None:
        QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)
    return wrong


def tip_of(layer, row):
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    for place, feature in enumerate(layer.getFeatures()):
        if place == row:
            context.setFeature(feature)
            return QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)
    return ""


def drawn(project, path, *, labels, size=(1100, 1300)):
    settings = QgsMapSettings()
    settings.setLayers(
        [node.layer() for node in project.layerTreeRoot().findLayers() if node.isVisible()]
    )
    settings.setDestinationCrs(project.crs())
    settings.setExtent(project.viewSettings().defaultViewExtent())
    settings.setOutputSize(QSize(*size))
    settings.setOutputDpi(96)
    settings.setBackgroundColor(project.backgroundColor())
    settings.setFlag(QgsMapSettings.DrawLabeling, labels)
    settings.setFlag(QgsMapSettings.Antialiasing)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(path)
    errors = [error.message for error in job.errors()]
    results = job.takeLabelingResults()
    texts = [] if results is None else [one.labelText for one in results.allLabels()]
    return errors, texts


def main(gpkg, name, folder):
    project = QgsProject.instance()
    read = project.read(f"geopackage:{gpkg}?projectName={name}")
    layers = [node.layer() for node in project.layerTreeRoot().findLayers()]
    errors, texts = drawn(project, f"{folder}/map.png", labels=True)
    drawn(project, f"{folder}/plain.png", labels=False)
    found = {
        "read": read,
        "error": project.error(),
        "title": project.title(),
        "crs": project.crs().authid(),
        "groups": [group.name() for group in project.layerTreeRoot().findGroups()],
        "layers": {one.id(): told(one) for one in layers if one is not None},
        "broken": [
            node.name() for node in project.layerTreeRoot().findLayers() if node.layer() is None
        ],
        "errors": errors,
        "labels": texts,
        "layouts": [],
    }
    for one in project.layerTreeRoot().findLayers():
        if one.layerId() == "siteopt_sites" and one.layer() is not None:
            found["tips"] = [
                tip_of(one.layer(), row) for row in range(min(30, one.layer().featureCount()))
            ]
    for layout in project.layoutManager().printLayouts():
        settings = QgsLayoutExporter.ImageExportSettings()
        settings.dpi = 110
        done = QgsLayoutExporter(layout).exportToImage(f"{folder}/page.png", settings)
        found["layouts"].append(
            {"name": layout.name(), "exported": done == QgsLayoutExporter.Success}
        )
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    QgsApplication.setPrefixPath("/usr")
    application = QgsApplication([], GUIenabled=False)
    application.initQgis()
    main(*sys.argv[1:4])
    application.exitQgis()
