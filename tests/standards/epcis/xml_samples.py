"""Documents of XML by hand, as partners send them."""

TIME = "<eventTime>2026-05-28T20:33:31.116+08:00</eventTime><eventTimeZoneOffset>+08:00</eventTimeZoneOffset>"
EPC = "urn:epc:id:sgtin:9506000.013435.6789"
OBSERVED = f"<ObjectEvent>{TIME}<epcList><epc>{EPC}</epc></epcList><action>OBSERVE</action>%s</ObjectEvent>"


def sheet(events: str, *, version: str = "2.0", declarations: str = "", header: str = "") -> bytes:
    """A document around events."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<epcis:EPCISDocument '
        f'xmlns:epcis="urn:epcglobal:epcis:xsd:{version[0]}" '
        f'xmlns:ex="https://ns.example.com/epcis/" xmlns:cbvmda="urn:epcglobal:cbv:mda" {declarations} '
        f'schemaVersion="{version}" creationDate="2026-05-28T20:34:00Z">'
        f"{header}<EPCISBody>\n<EventList>{events}</EventList></EPCISBody></epcis:EPCISDocument>"
    ).encode()


OLD = sheet(
    f"""
<ObjectEvent>{TIME}
  <baseExtension>
    <eventID>urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a55</eventID>
    <errorDeclaration><declarationTime>2026-05-29T00:00:00Z</declarationTime>
      <reason>urn:epcglobal:cbv:er:incorrect_data</reason>
      <correctiveEventIDs><correctiveEventID>urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8</correctiveEventID>
      </correctiveEventIDs></errorDeclaration>
  </baseExtension>
  <epcList/><action>ADD</action>
  <bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep>
  <disposition>https://ref.gs1.org/cbv/Disp-active</disposition>
  <readPoint><id>urn:epc:id:sgln:9506000.13860.0</id><ex:gate nr="4">north</ex:gate></readPoint>
  <bizTransactionList>
    <bizTransaction type="urn:epcglobal:cbv:btt:po">urn:epcglobal:cbv:bt:9506000138602:12</bizTransaction>
    <bizTransaction>urn:x:without</bizTransaction></bizTransactionList>
  <extension>
    <quantityList><quantityElement><epcClass>urn:epc:class:lgtin:9506000.013435.L1</epcClass>
      <quantity>200.50</quantity><uom>KGM</uom></quantityElement></quantityList>
    <sourceList><source type="urn:epcglobal:cbv:sdt:owning_party">urn:epc:id:pgln:9506000.13860</source></sourceList>
    <ilmd><cbvmda:lotNumber>L1</cbvmda:lotNumber>
      <ex:analysis><ex:fat>3.5</ex:fat><ex:by>A</ex:by><ex:by>B</ex:by></ex:analysis></ilmd>
  </extension>
  <ex:vessel>Star</ex:vessel>
</ObjectEvent>
<QuantityEvent>{TIME}<epcClass>urn:epc:idpat:sgtin:9506000.013435.*</epcClass><quantity>3</quantity>
  <bizStep>urn:epcglobal:cbv:bizstep:storing</bizStep></QuantityEvent>
<extension><TransformationEvent>{TIME}
  <inputEPCList><epc>{EPC}</epc></inputEPCList>
  <outputQuantityList><quantityElement><epcClass>urn:epc:class:lgtin:9506000.013435.L2</epcClass></quantityElement>
  </outputQuantityList>
  <transformationID>urn:epc:id:gdti:9506000.13860.9</transformationID></TransformationEvent></extension>""",
    version="1.2",
    header="""<EPCISHeader>
  <sbdh:StandardBusinessDocumentHeader
    xmlns:sbdh="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">
    <sbdh:HeaderVersion>1.0</sbdh:HeaderVersion><sbdh:Sender><sbdh:Identifier>A</sbdh:Identifier></sbdh:Sender>
    <sbdh:Receiver><sbdh:Identifier>B</sbdh:Identifier></sbdh:Receiver>
    <sbdh:DocumentIdentification><sbdh:Standard>EPCglobal</sbdh:Standard><sbdh:TypeVersion>1.0</sbdh:TypeVersion>
      <sbdh:InstanceIdentifier>7</sbdh:InstanceIdentifier><sbdh:Type>Events</sbdh:Type>
      <sbdh:CreationDateAndTime>2026-05-28T20:34:00Z</sbdh:CreationDateAndTime></sbdh:DocumentIdentification>
  </sbdh:StandardBusinessDocumentHeader>
  <extension><EPCISMasterData><VocabularyList><Vocabulary type="urn:epcglobal:epcis:vtype:BusinessLocation">
    <VocabularyElementList><VocabularyElement id="urn:epc:id:sgln:9506000.13860.0">
      <attribute id="urn:epcglobal:cbv:mda#name">Warehouse &amp; dock</attribute>
      <attribute id="https://ns.example.com/address"><ex:Address><street>Nauta 1</street><street>left</street>
        </ex:Address></attribute>
      <children><id>urn:epc:id:sgln:9506000.13860.1</id></children></VocabularyElement></VocabularyElementList>
  </Vocabulary></VocabularyList></EPCISMasterData></extension></EPCISHeader>""",
)
"""A document of 1.2 with all that 1.2 wraps; valid by the XSD of 1.2."""

NEW = sheet(
    f"""<ObjectEvent xmlns:own="https://own.example.com/">{TIME}
  <eventID>urn:uuid:7b6a3c0e-5d1f-4f2b-9b7e-2d9a6c1f0a55</eventID>
  <certificationInfo>https://accreditation.example.org/certificate/7</certificationInfo>
  <action>OBSERVE</action><bizStep>https://ref.gs1.org/cbv/BizStep-sensor_reporting</bizStep>
  <readPoint><id>urn:epc:id:sgln:9506000.13860.0</id></readPoint>
  <sensorElementList><sensorElement>
    <sensorMetadata time="2026-05-28T12:00:00Z" deviceID="urn:epc:id:giai:9506000.111" ex:place="roof"/>
    <sensorReport type="gs1:Temperature" value="26.0" uom="CEL" exception="gs1:ALARM_CONDITION"/>
    <sensorReport type="https://gs1.org/voc/Angle" component="cbv:Comp-x" value="-1.5E-3" booleanValue="1" own:k="v"/>
    <ex:note>calm</ex:note></sensorElement></sensorElementList>
  <persistentDisposition><unset>urn:epcglobal:cbv:disp:completeness_inferred</unset>
    <set>https://ref.gs1.org/cbv/Disp-completeness_verified</set></persistentDisposition>
</ObjectEvent>"""
)
"""A document of 2.0 with what came with 2.0; valid by the XSD of 2.0."""
