"""The words of CBV 2.0: which there are, and their three spellings.

JSON has the bare word (`shipping`), XML a URN (`urn:epcglobal:cbv:bizstep:shipping`) or a web URI
(`https://ref.gs1.org/cbv/BizStep-shipping`). All read as the same; the model has the bare word.

Source: EPCIS 2.0.1 JSON Schema (words), its JSON-LD context (web URIs), CBV 2.0 section 7 (URNs). Measurement types,
components and alerts came with 2.0 and have no URN.
"""

from typing import Final, Literal

Kind = Literal[
    "bizStep",
    "disposition",
    "bizTransaction",
    "sourceDestination",
    "errorReason",
    "measurement",
    "component",
    "alert",
]
Spelling = Literal["Always_Web_URI", "Always_URN", "No_Preference", "Never_Translates"]
"""Values of the header GS1-CBV-XML-Format."""

BIZ_STEPS: Final = frozenset(
    """
    accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
    installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
    retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
    unloading unpacking void_shipping
    """.split()
)
DISPOSITIONS: Final = frozenset(
    """
    active available completeness_inferred completeness_verified conformant container_closed container_open damaged
    destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
    mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed
    recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
    """.split()
)
BIZ_TRANSACTION_TYPES: Final = frozenset(
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt".split()
)
SOURCE_DESTINATION_TYPES: Final = frozenset(("owning_party", "possessing_party", "location"))
ERROR_REASONS: Final = frozenset(("did_not_occur", "incorrect_data"))
MEASUREMENTS: Final = frozenset(
    """
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
    ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
    Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
    LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate
    MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux
    RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed
    SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux
    Wavenumber
    """.split()
)
COMPONENTS: Final = frozenset(
    """
    x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude longitude
    altitude
    """.split()
)
ALERTS: Final = frozenset(("ALARM_CONDITION", "ERROR_CONDITION"))

WORDS: Final[dict[Kind, frozenset[str]]] = {
    "bizStep": BIZ_STEPS,
    "disposition": DISPOSITIONS,
    "bizTransaction": BIZ_TRANSACTION_TYPES,
    "sourceDestination": SOURCE_DESTINATION_TYPES,
    "errorReason": ERROR_REASONS,
    "measurement": MEASUREMENTS,
    "component": COMPONENTS,
    "alert": ALERTS,
}
_CBV: Final = "ref.gs1.org/cbv/"
_VOC: Final = ("gs1.org/voc/", "www.gs1.org/voc/")
_CLASSES: Final[dict[Kind, tuple[str, str]]] = {
    "bizStep": ("BizStep", "bizstep"),
    "disposition": ("Disp", "disp"),
    "bizTransaction": ("BTT", "btt"),
    "sourceDestination": ("SDT", "sdt"),
    "errorReason": ("ER", "er"),
    "component": ("Comp", ""),
}


def web_uri(kind: Kind, word: str) -> str:
    """The web URI of a bare word; anything else as it stands."""
    if word not in WORDS[kind]:
        return word
    return f"https://{_CBV}{_CLASSES[kind][0]}-{word}" if kind in _CLASSES else f"https://{_VOC[0]}{word}"


def urn(kind: Kind, word: str) -> str:
    """The URN of a bare word, its web URI where CBV has no URN; anything else as it stands."""
    name = _CLASSES.get(kind, ("", ""))[1]
    if word in WORDS[kind] and name:
        return f"urn:epcglobal:cbv:{name}:{word}"
    return web_uri(kind, word)


def _spellings(kind: Kind, word: str) -> tuple[str, ...]:
    if kind in _CLASSES:
        name = f"{_CLASSES[kind][0]}-{word}"
        found = [word, f"https://{_CBV}{name}", f"http://{_CBV}{name}", f"cbv:{name}"]
    else:
        found = [word, f"gs1:{word}", *(f"{scheme}://{host}{word}" for scheme in ("https", "http") for host in _VOC)]
    return (*found, urn(kind, word))


_BARE: Final[dict[Kind, dict[str, str]]] = {
    kind: {spelling: word for word in words for spelling in _spellings(kind, word)} for kind, words in WORDS.items()
}


def bare(kind: Kind, value: str) -> str:
    """The bare word for any spelling of it; what is not CBV's as it stands."""
    return _BARE[kind].get(value, value)


def spelled(kind: Kind, value: str, spelling: Spelling) -> str:
    """A value of the model for XML: web URI or URN as asked; without a wish the URN, which all versions have."""
    word = bare(kind, value)
    return web_uri(kind, word) if spelling == "Always_Web_URI" else urn(kind, word)
