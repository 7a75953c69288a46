"""What each kind of maker sells: the words and price ranges the catalog is drawn from."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Trade:
    """One line of goods."""

    icon: str
    houses: tuple[str, ...]
    """What such makers call themselves, after their own name."""
    goods: tuple[str, ...]
    manners: tuple[str, ...]
    price: tuple[int, int]
    """Lowest and highest price, in whole dollars."""
    about: str
    label: str | None = None
    flavours: tuple[str, ...] = ()
    picks: tuple[int, ...] = (0,)
    """How many variants a recipient picks, drawn per product; 0 leaves the product without variants."""
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    restricted: tuple[str, ...] = ()
    open_price: bool = False
    """The sender sets the price: gift cards and gifts of choice."""


SIZES: Final = ("Size", ("Small", "Medium", "Large"))
HUES: Final = ("Color", ("Oat", "Moss", "Ink"))

TRADES: Final = (
    Trade(
        icon="cookie",
        houses=("Bakehouse", "Bakery", "Oven Works"),
        goods=("Cookie Tin", "Cookie Dozen", "Brownie Box", "Shortbread Stack", "Biscuit Sampler"),
        manners=("Brown Butter", "Sea Salt", "Birthday", "Old Road", "Midnight", "Farmhouse"),
        price=(18, 68),
        about="Baked in small trays, cooled by an open window and packed the same afternoon.",
        label="Flavor",
        flavours=("Chocolate Chunk", "Oat & Raisin", "Lemon Sugar", "Ginger Snap", "Peanut Crisp"),
        picks=(0, 1, 3),
        facts=(
            ("Ingredients", "<p>Wheat flour, butter, cane sugar, eggs.</p><p><strong>Contains gluten.</strong></p>"),
            ("Keeps for", "Three weeks in the tin"),
        ),
    ),
    Trade(
        icon="chocolate",
        houses=("Chocolate Room", "Confections", "Cacao Makers"),
        goods=("Truffle Box", "Bonbon Drawer", "Bar Library", "Caramel Case", "Praline Set"),
        manners=("Dark", "Hazelnut", "Single Valley", "Orchard", "Smoked Salt", "Velvet"),
        price=(16, 95),
        about="Stone-ground cacao, slowly conched and filled by hand.",
        label="Filling",
        flavours=("Salted Caramel", "Raspberry", "Pistachio", "Dark Ganache"),
        picks=(0, 3),
        facts=(("Cacao", "58 to 72 %"), ("Allergens", "Milk, tree nuts, soy")),
    ),
    Trade(
        icon="candle",
        houses=("Candle Company", "Wick & Wax", "Chandlery"),
        goods=("Soy Candle", "Three-Wick Candle", "Candle Trio", "Travel Candle", "Reed Diffuser"),
        manners=("Cedar", "Rain Garden", "Fig Leaf", "Quiet Evening", "Linen", "Amber"),
        price=(22, 88),
        about="Hand-poured wax with a cotton wick and a scent that stays in the room, not in the way.",
        label="Scent",
        flavours=("Cedar & Clove", "Fig", "White Tea", "Wild Mint"),
        picks=(0, 1, 1),
        facts=(("Burn time", "About 45 hours"), ("Materials", "Soy wax, cotton, glass")),
    ),
    Trade(
        icon="plant",
        houses=("Plant Nursery", "Greenhouse", "Botanicals"),
        goods=("Potted Fern", "Succulent Garden", "Desk Olive Tree", "Herb Trio", "Orchid"),
        manners=("Little", "Sunlit", "Evergreen", "Windowsill", "Courtyard"),
        price=(24, 110),
        about="Grown to be forgiving: bright shade, a drink on Sundays, and it looks after itself.",
        groups=(("Size", ("Desk", "Shelf")), ("Pot", ("Clay", "Chalk", "Slate"))),
        picks=(0, 1),
        facts=(("Care", "<ul><li>Indirect light</li><li>Water weekly</li></ul>"),),
        restricted=("AK", "HI"),
    ),
    Trade(
        icon="coffee",
        houses=("Coffee Roasters", "Roastery", "Coffee Exchange"),
        goods=("Whole Bean Bag", "Pour-Over Kit", "Cold Brew Set", "Roaster's Flight", "Espresso Duo"),
        manners=("Harbor", "First Light", "Ridge Line", "Slow Morning", "Night Shift"),
        price=(17, 74),
        about="Roasted to order each Tuesday and shipped while it still rests.",
        groups=(("Roast", ("Light", "Medium", "Dark")), ("Grind", ("Whole Bean", "Filter"))),
        picks=(0, 1),
        facts=(("Origin", "A blend of two washed lots"), ("Net weight", "12 oz")),
    ),
    Trade(
        icon="tea",
        houses=("Tea Room", "Leaf & Kettle", "Tea Merchants"),
        goods=("Tea Chest", "Loose Leaf Caddy", "Tisane Set", "Matcha Starter", "Tasting Flight"),
        manners=("Garden", "Mountain", "Honeyed", "Ceremony", "Afternoon"),
        price=(15, 70),
        about="Whole leaves from growers we have visited, blended in lots small enough to taste every one.",
        label="Blend",
        flavours=("Breakfast", "Jasmine", "Chamomile", "Smoked Black", "Rooibos"),
        picks=(0, 1, 3),
        facts=(("Caffeine", "Varies by blend"),),
    ),
    Trade(
        icon="spa",
        houses=("Bath House", "Apothecary", "Soap Works"),
        goods=("Bath Soak", "Hand Care Set", "Spa Basket", "Body Oil", "Soap Stack"),
        manners=("Restful", "Eucalyptus", "Lavender", "Salt Marsh", "Sunday"),
        price=(20, 120),
        about="Plant oils, mineral salts and a very good reason to close the door for an hour.",
        label="Scent",
        flavours=("Eucalyptus", "Lavender", "Unscented"),
        picks=(0, 0, 1),
        facts=(("Good to know", "No parabens, <em>no rush</em>"), ("Skin type", "All")),
    ),
    Trade(
        icon="knit",
        houses=("Knitwear", "Woolens", "Loom & Needle"),
        goods=("Throw Blanket", "Crew Socks", "Beanie", "Cardigan", "Travel Wrap"),
        manners=("Fisherman", "Cloud", "Cabled", "Weekend", "Fireside"),
        price=(28, 210),
        about="Spun soft, knitted close, and made to be borrowed by everyone else in the house.",
        groups=(SIZES, HUES),
        picks=(1,),
        facts=(("Materials", "80% merino wool, 20% recycled nylon"), ("Care", "Wash cold, dry flat")),
    ),
    Trade(
        icon="kitchen",
        houses=("Kitchen Goods", "Tableware", "Cookware"),
        goods=("Serving Board", "Paring Knife", "Salt Cellar", "Linen Apron", "Olive Oil Pair"),
        manners=("Walnut", "Everyday", "Long Table", "Cook's", "Market"),
        price=(19, 160),
        about="Made for a kitchen that gets used, and better for every year of it.",
        label="Finish",
        flavours=("Natural", "Black", "Brass"),
        picks=(0, 1),
        facts=(("Dimensions", "14 x 8 in"), ("Care", "Hand wash")),
    ),
    Trade(
        icon="game",
        houses=("Game Company", "Puzzle Club", "Play Works"),
        goods=("Jigsaw Puzzle", "Card Game", "Strategy Board Game", "Wooden Puzzle", "Trivia Box"),
        manners=("Lighthouse", "Paper Fox", "Lost Harbor", "Dinner Table", "Rainy Day"),
        price=(14, 65),
        about="Easy to learn, hard to put back in the box.",
        facts=(("Players", "2 to 6"), ("Ages", "8 and up")),
    ),
    Trade(
        icon="paper",
        houses=("Stationers", "Paper Goods", "Press"),
        goods=("Notebook Set", "Letter Set", "Desk Planner", "Fountain Pen", "Pencil Case"),
        manners=("Field", "Clothbound", "Margin", "Correspondence", "Studio"),
        price=(12, 58),
        about="Thick paper, sewn spines, and ink that stays on its own side of the page.",
        label="Color",
        flavours=("Slate", "Clay", "Fern"),
        picks=(0, 1),
        facts=(("Paper", "100 gsm, acid-free"),),
    ),
    Trade(
        icon="baby",
        houses=("Baby Goods", "Nursery", "Little Things"),
        goods=("Swaddle Set", "Keepsake Rattle", "Bath Kit", "Soft Bear", "Board Book Trio"),
        manners=("Welcome", "Cloud Nine", "Tiny", "Moonrise", "First Day"),
        price=(18, 90),
        about="Gentle on new skin and tough enough for the washing machine.",
        groups=(("Age", ("0-6 Months", "6-12 Months")), ("Color", ("Sage", "Sand", "Sky"))),
        picks=(0, 1),
        facts=(("Materials", "Organic cotton"), ("Safety", "Tested to <b>ASTM F963</b>")),
    ),
    Trade(
        icon="pet",
        houses=("Pet Pantry", "Dog & Cat Supply", "Kennel Goods"),
        goods=("Treat Jar", "Rope Toy Set", "Cozy Bed", "Catnip Trio", "Walk Kit"),
        manners=("Good Dog", "Very Good", "Garden Cat", "Long Walk", "Nap Time"),
        price=(13, 85),
        about="Approved by a panel of four-legged testers who gave no other comment.",
        label="Size",
        flavours=("Small", "Medium", "Large"),
        picks=(0, 1),
        facts=(("Made in", "Small batches, by hand"),),
    ),
    Trade(
        icon="wine",
        houses=("Cellars", "Wine Traders", "Vintners"),
        goods=("Red Blend", "Sparkling Pair", "Orchard Cider Case", "Dessert Wine", "Tasting Trio"),
        manners=("Stone Terrace", "Late Harvest", "Two Rivers", "Cellar Door", "Old Vine"),
        price=(29, 190),
        about="From a hillside that has been stubborn about good soil for longer than anyone remembers.",
        facts=(("Alcohol", "11 to 14 % by volume"), ("On delivery", "An adult, 21 or over, must sign")),
        restricted=("AL", "AR", "DE", "KY", "MS", "RI", "UT"),
    ),
    Trade(
        icon="giftcard",
        houses=("Outfitters", "Supper Club", "Mercantile"),
        goods=("Gift Card", "Dinner Card", "Shop Card"),
        manners=("Anytime", "Open", "Your Pick"),
        price=(10, 25),
        about="Sent by email; spent whenever the mood strikes.",
        facts=(("Expires", "Never"),),
        open_price=True,
    ),
    Trade(
        icon="choice",
        houses=("Gift of Choice", "Gift Shelf", "Gift Table"),
        goods=("Gift of Choice", "Collection", "Flex Gift"),
        manners=("Thank You", "Celebration", "Welcome", "Well Done"),
        price=(15, 30),
        about="Set an amount and let them choose from a shelf of favorites.",
        open_price=True,
    ),
)
