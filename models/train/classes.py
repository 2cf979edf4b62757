"""The classes of the model, and how the teacher's AudioSet classes and the corpus' sublabels map to them."""
import csv

# Output order. The first three raise alerts; the others are only ever reasons.
CLASSES = [
    "gunshot", "explosion", "crowd_clamour",
    "fireworks", "thunder", "door", "engine", "siren", "speech", "music", "rain", "wind",
    "dog", "bird", "glass", "hammer", "horn", "helicopter", "water", "applause",
]
ALERTS = 3

TEACHER_NAMES = {
    "gunshot": ["Gunshot, gunfire", "Machine gun", "Fusillade", "Artillery fire", "Cap gun"],
    "explosion": ["Explosion", "Boom", "Eruption"],
    "crowd_clamour": ["Crowd", "Cheering", "Chant", "Children shouting", "Battle cry"],
    "fireworks": ["Fireworks", "Firecracker"],
    "thunder": ["Thunder", "Thunderstorm"],
    "door": ["Door", "Slam", "Knock", "Sliding door", "Cupboard open or close", "Drawer open or close"],
    "engine": ["Vehicle", "Car", "Truck", "Bus", "Motorcycle", "Engine", "Idling", "Engine starting",
               "Accelerating, revving, vroom", "Traffic noise, roadway noise", "Boat, Water vehicle",
               "Aircraft", "Chainsaw", "Train"],
    "siren": ["Siren", "Civil defense siren", "Police car (siren)", "Ambulance (siren)",
              "Fire engine, fire truck (siren)", "Emergency vehicle", "Car alarm", "Alarm"],
    "speech": ["Speech", "Conversation", "Narration, monologue", "Child speech, kid speaking", "Shout", "Yell",
               "Screaming", "Laughter"],
    "music": ["Music", "Musical instrument", "Drum", "Drum kit", "Singing"],
    "rain": ["Rain", "Raindrop", "Rain on surface"],
    "wind": ["Wind", "Wind noise (microphone)", "Rustling leaves"],
    "dog": ["Dog", "Bark", "Yip", "Howl"],
    "bird": ["Bird", "Bird vocalization, bird call, bird song", "Crow", "Gull, seagull", "Pigeon, dove"],
    "glass": ["Glass", "Shatter", "Chink, clink", "Breaking"],
    "hammer": ["Hammer", "Jackhammer", "Sawing", "Tools", "Power tool", "Drill", "Wood", "Chop"],
    "horn": ["Vehicle horn, car horn, honking", "Toot", "Air horn, truck horn", "Train horn", "Foghorn"],
    "helicopter": ["Helicopter", "Propeller, airscrew"],
    "water": ["Water", "Stream", "Waterfall", "Ocean", "Waves, surf", "Splash, splatter", "Pour"],
    "applause": ["Applause", "Clapping"],
}

# A sublabel of the corpus that a listener vouches for: its class is at least CONFIRMED on patches it dominates.
CONFIRMED = 0.8
SUBLABEL_CLASS = {
    "fireworks": "fireworks", "thunder": "thunder", "siren/alarm": "siren", "speech": "speech",
    "music": "music", "glass": "glass", "horn": "horn", "engine/vehicle": "engine",
    "applause": "applause", "music/instrument": "music", "drum/percussion": "music",
}


def teacher_columns(class_map_path):
    """Class → columns of the teacher's 521 scores; a name that the map lacks is an error."""
    with open(class_map_path, encoding="utf-8") as file:
        index = {row["display_name"]: int(row["index"]) for row in csv.DictReader(file)}
    return {name: [index[n] for n in names if n in index] for name, names in TEACHER_NAMES.items()}
